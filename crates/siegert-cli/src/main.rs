//! The `siegert` command: arguments in, tables, files and plots out.
fn main() {}
