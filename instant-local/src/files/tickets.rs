//! Addresses to which a file can be uploaded once, without credentials.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use instant_core::Uuid;
use parking_lot::Mutex;

/// How long such an address can be used.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// The addresses that can be used, of all apps. They end with the process.
#[derive(Debug, Default)]
pub(crate) struct Tickets(Mutex<HashMap<Uuid, Ticket>>);

#[derive(Debug)]
struct Ticket {
    app_id: Uuid,
    path: String,
    until: Instant,
}

impl Tickets {
    /// A ticket for the file at a path.
    pub(crate) fn issue(&self, app_id: Uuid, path: String, now: Instant) -> Uuid {
        let id = Uuid::new_v4();
        let mut tickets = self.0.lock();
        tickets.retain(|_, ticket| now < ticket.until);
        tickets.insert(id, Ticket { app_id, path, until: now + LIFE });
        id
    }

    /// Uses a ticket up: the app and the path that it is for.
    pub(crate) fn redeem(&self, id: Uuid, now: Instant) -> Option<(Uuid, String)> {
        let ticket = self.0.lock().remove(&id)?;
        (now < ticket.until).then_some((ticket.app_id, ticket.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_for_five_minutes() {
        let (tickets, now, app) = (Tickets::default(), Instant::now(), Uuid::new_v4());
        let issue = || tickets.issue(app, "a.txt".into(), now);
        let (used, late, unused) = (issue(), issue(), issue());
        let good = Some((app, "a.txt".to_owned()));
        for (ticket, at, want) in [
            (used, now, &good),
            (used, now, &None),
            (late, now + LIFE, &None),
            (unused, now + LIFE / 2, &good),
            (Uuid::new_v4(), now, &None),
        ] {
            assert_eq!(&tickets.redeem(ticket, at), want);
        }
    }
}
