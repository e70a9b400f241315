//! The time at which a write to a file reaches the disk.

/// When a write to a file reaches the disk. A store in memory ignores it.
///
/// ```
/// use instant_local::Durability;
///
/// assert_eq!(Durability::default(), Durability::Immediate);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A write returns when it is on the disk. A crash of the process or of the machine loses no
    /// acknowledged write. Concurrent writers share one sync.
    #[default]
    Immediate,
    /// A write returns when readers see it. It reaches the disk within about half a second, or when
    /// the store is closed.
    ///
    /// A crash of the process or of the machine loses the writes of the last half second. The file
    /// then has the state after one of the writes: all earlier writes are complete, all later ones
    /// are absent. A failed write to the disk has the same effect, because the store is read-only
    /// from then on until it is opened again. [`Local::close`](crate::Local::close) reports how
    /// many writes such a failure loses.
    ///
    /// Creating an app is always durable.
    Relaxed,
}
