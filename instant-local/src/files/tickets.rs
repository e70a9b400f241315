//! Upload tickets: each allows one upload of a file without credentials.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use instant_core::Uuid;
use parking_lot::Mutex;

/// The lifetime of a ticket.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// The tickets of all apps. They are not stored.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<HashMap<Uuid, Ticket>>);

#[derive(Debug)]
struct Ticket {
    app_id: Uuid,
    path: String,
    until: Instant,
}

impl Tickets {
    /// Creates a ticket for the file at a path.
    pub(crate) fn issue(&self, app_id: Uuid, path: String, now: Instant) -> Uuid {
        let id = Uuid::new_v4();
        let mut tickets = self.0.lock();
        tickets.retain(|_, ticket| now < ticket.until);
        tickets.insert(id, Ticket { app_id, path, until: now + LIFE });
        id
    }

    /// Uses a ticket up. Returns its app and path, or `None` if it is unknown or expired.
    pub(crate) fn redeem(&self, id: Uuid, now: Instant) -> Option<(Uuid, String)> {
        let ticket = self.0.lock().remove(&id)?;
        (now < ticket.until).then_some((ticket.app_id, ticket.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticket_is_valid_once_within_five_minutes() {
        let (tickets, now, app) = (Tickets::default(), Instant::now(), Uuid::new_v4());
        let issue = || tickets.issue(app, "a.txt".into(), now);
        let (used, late, unused) = (issue(), issue(), issue());
        let valid = Some((app, "a.txt".to_owned()));
        for (ticket, at, want) in [
            (used, now, &valid),
            (used, now, &None),
            (late, now + LIFE, &None),
            (unused, now + LIFE / 2, &valid),
            (Uuid::new_v4(), now, &None),
        ] {
            assert_eq!(&tickets.redeem(ticket, at), want);
        }
    }
}
