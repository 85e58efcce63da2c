//! What somebody does about uploading: a new key, a press of a button.

use std::time::Duration;

use counterfoil_core::storage::{StorageError, destinations, uploads};

use super::template;
use super::world::{Outcome, World, text};

impl World {
    /// A person gives the key that is good now.
    pub fn reconnect(&mut self) -> Outcome<()> {
        let moment = self.wall();
        for side in &mut self.sides {
            if side.token_held != side.token_there || side.frozen {
                (side.token_held, side.frozen) = (side.token_there, false);
                let destination = side.destination;
                let account = template::account(destination);
                let connect = |tx: &rusqlite::Transaction<'_>| {
                    destinations::connect(tx, destination, account, moment)?;
                    uploads::hurry(tx, destination, moment)
                };
                text(self.store.write::<_, StorageError>(connect))?;
            }
        }
        self.stop(Duration::from_secs(3));
        Ok(())
    }

    /// A person presses *upload now*.
    pub fn hurry(&mut self) -> Outcome<()> {
        let moment = self.wall();
        for side in &mut self.sides {
            let destination = side.destination;
            let again = |tx: &rusqlite::Transaction<'_>| {
                destinations::trust_again(tx, destination)?;
                uploads::hurry(tx, destination, moment)
            };
            text(self.store.write::<_, StorageError>(again))?;
            side.frozen = false;
        }
        self.stop(Duration::from_secs(3));
        Ok(())
    }
}
