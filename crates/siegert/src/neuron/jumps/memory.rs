//! What jumps of a law bring on given elements, kept for the next input on the same ones.
//!
//! Integrals over a law take ten times as long as all else, and depend on the elements and the law alone. Elements change in steps with the input (`mesh`), so a solver that
//! comes nearer and nearer to a state asks for the same again. What is kept changes no result.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::Jump;
use super::equation::Gain;
use super::law::JumpLaw;
use super::mesh::{Mesh, is_fixed};

/// So many are kept, a few MB.
const MOST: usize = 48;

struct Known {
    law: JumpLaw,
    reversal_mv: Option<f64>,
    edges: Vec<f64>,
    gain: Rc<Gain>,
}

thread_local! {
    static KNOWN: RefCell<VecDeque<Known>> = const { RefCell::new(VecDeque::new()) };
}

/// [`Mesh::gain`], from memory where it is known.
pub(super) fn gain(mesh: &Mesh, jump: &Jump) -> Rc<Gain> {
    // shifts take no time
    if is_fixed(jump.law).is_some() {
        return Rc::new(mesh.gain(jump));
    }
    KNOWN.with_borrow_mut(|known| {
        let is_same = |it: &Known| it.law == jump.law && it.reversal_mv == jump.reversal_mv && it.edges == mesh.edges;
        if let Some(found) = known.iter().find(|it| is_same(it)) {
            return Rc::clone(&found.gain);
        }
        let gain = Rc::new(mesh.gain(jump));
        known.truncate(MOST - 1);
        let Jump { law, reversal_mv, .. } = *jump;
        known.push_front(Known { law, reversal_mv, edges: mesh.edges.clone(), gain: Rc::clone(&gain) });
        gain
    })
}
