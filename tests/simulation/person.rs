//! What somebody does about uploading: a new key, a press of a button.

use counterfoil_core::storage::{StorageError, destinations, uploads};
use counterfoil_core::sync::round;

use super::template;
use super::world::{Outcome, World, text};

impl World {
    /// A person gives the key that is good now, where there is a new one; says whether there is.
    pub fn reconnect(&mut self) -> Outcome<bool> {
        let moment = self.wall();
        let mut anew = false;
        for side in &mut self.sides {
            if side.token_held != side.token_there || side.frozen {
                (side.token_held, side.frozen) = (side.token_there, false);
                anew = true;
                let destination = side.destination;
                let account = template::account(destination);
                let connect = |tx: &rusqlite::Transaction<'_>| {
                    destinations::connect(tx, destination, account, moment)?;
                    uploads::hurry(tx, destination, moment)
                };
                text(self.store.write::<_, StorageError>(connect))?;
            }
        }
        Ok(anew)
    }

    /// A person presses *upload now*.
    pub fn hurry(&mut self) -> Outcome<()> {
        let moment = self.wall();
        for side in &mut self.sides {
            let destination = side.destination;
            text(self.store.write::<_, StorageError>(|tx| round::hurry(tx, destination, moment)))?;
            side.frozen = false;
        }
        self.end_round()
    }
}
