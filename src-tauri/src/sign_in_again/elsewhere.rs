//! Systems where no window of one's own can be made here: nobody is asked, and nothing leaves.

use super::Question;
use crate::shell::Shell;

/// Declines.
pub(crate) fn ask(question: Question, _shell: &Shell) {
    question.answer(None);
}
