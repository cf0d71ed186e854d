//! A few threads that take the newest request first.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Threads at most; decoding itself happens in other processes.
const THREADS: usize = 3;
/// Requests that wait at most; beyond it the oldest is dropped.
const WAITING: usize = 1000;

/// Whether a request's turn came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It did.
    Come,
    /// Too many newer ones came first.
    Dropped,
}

type Request = Box<dyn FnOnce(Turn) + Send>;

/// The threads; the first request starts them, and they end with the last handle.
#[derive(Default)]
pub struct Threads {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    woken: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Request>,
    started: usize,
    idle: usize,
    over: bool,
}

impl Threads {
    /// Runs a request when its turn comes.
    pub fn run(&self, request: impl FnOnce(Turn) + Send + 'static) {
        let mut state = self.shared.state();
        state.waiting.push_back(Box::new(request));
        let dropped = if state.waiting.len() > WAITING { state.waiting.pop_front() } else { None };
        if state.waiting.len() > state.idle && state.started < THREADS {
            let shared = Arc::clone(&self.shared);
            let thread = std::thread::Builder::new().name("media".into());
            if thread.spawn(move || shared.serve()).is_ok() {
                state.started += 1;
            }
        }
        drop(state);
        self.shared.woken.notify_one();
        if let Some(dropped) = dropped {
            dropped(Turn::Dropped);
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.state().over = true;
        self.shared.woken.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self) {
        let mut state = self.state();
        loop {
            if let Some(request) = state.waiting.pop_back() {
                drop(state);
                // A mistake costs one picture, not the thread.
                let run = std::panic::AssertUnwindSafe(|| request(Turn::Come));
                let _ = std::panic::catch_unwind(run);
                state = self.state();
            } else if state.over {
                return;
            } else {
                state.idle += 1;
                state = self.woken.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn the_newest_request_goes_first_and_every_request_is_answered() {
        let threads = Threads::default();
        let (hold, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (started, all_busy) = mpsc::channel();
        for _ in 0..THREADS {
            let (held, started) = (Arc::clone(&held), started.clone());
            threads.run(move |_| {
                started.send(()).unwrap();
                held.lock().unwrap().recv().unwrap();
            });
        }
        for _ in 0..THREADS {
            all_busy.recv().unwrap();
        }
        let (tell, told) = mpsc::channel();
        let total = WAITING + 5;
        for number in 0..total {
            let tell = tell.clone();
            threads.run(move |turn| tell.send((number, turn)).unwrap());
        }
        // The oldest five were dropped at once.
        let dropped: Vec<_> = (0..5).map(|_| told.recv().unwrap()).collect();
        assert!(dropped.iter().all(|(number, turn)| *number < 5 && *turn == Turn::Dropped));
        // One thread let go answers newest first.
        hold.send(()).unwrap();
        let order: Vec<_> = (0..WAITING).map(|_| told.recv().unwrap().0).collect();
        assert!(order.is_sorted_by(|a, b| a > b));
        for _ in 1..THREADS {
            hold.send(()).unwrap();
        }
    }

    #[test]
    fn a_panic_costs_one_request() {
        let threads = Threads::default();
        for _ in 0..2 * THREADS {
            threads.run(|_| panic!("a mistake"));
        }
        let (tell, told) = mpsc::channel();
        threads.run(move |turn| tell.send(turn).unwrap());
        assert_eq!(told.recv(), Ok(Turn::Come));
    }
}
