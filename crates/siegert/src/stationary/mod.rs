//! Closing the loop: the rates that make the input are the rates that the input makes, `r = f(mu(r), sigma(r))`.

mod result;

pub use result::*;
