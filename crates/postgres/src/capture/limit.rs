//! How much of the old database's disk the logs may take.

/// Where nothing else is said: this many bytes, or this part of what the plan
/// leaves free, whichever is less.
const DEFAULT_BYTES: u64 = 5 << 30;
const DEFAULT_PART_OF_FREE: u64 = 10;
/// A log may always be this large, so that a quiet table can have a busy day.
const LEAST_BYTES: u64 = 1 << 20;
/// A log that only tells that something changed needs no more.
const MOST_OF_A_MARKER: u64 = 16 << 20;

/// The most bytes that all logs together may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureLimit(u64);

impl CaptureLimit {
    /// So many bytes.
    #[must_use]
    pub fn bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// What applies where nobody has said otherwise.
    #[must_use]
    pub fn usual(free: Option<u64>) -> Self {
        let part = free.map(|free| free / DEFAULT_PART_OF_FREE);
        Self(part.map_or(DEFAULT_BYTES, |part| part.min(DEFAULT_BYTES)))
    }

    /// The limit in bytes.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// What each log may take, so that together they keep the limit whether or
    /// not this tool is running: half of it in equal parts, half by how much
    /// was written to the tables so far.
    pub(super) fn shares(self, logs: &[Share]) -> Vec<u64> {
        let keyed = logs.iter().filter(|log| log.keyed).count().max(1) as u128;
        let written: u128 = logs.iter().map(Share::weight).sum::<u128>().max(1);
        let half = u128::from(self.0 / 2);
        logs.iter()
            .map(|log| {
                if !log.keyed {
                    return MOST_OF_A_MARKER;
                }
                let share = half / keyed + half * log.weight() / written;
                u64::try_from(share).unwrap_or(u64::MAX).max(LEAST_BYTES)
            })
            .collect()
    }
}

/// What a log's share goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) keyed: bool,
    /// Rows written to its tables since the server counts them.
    pub(super) written: u64,
}

impl Share {
    fn weight(&self) -> u128 {
        if self.keyed {
            u128::from(self.written)
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(written: u64) -> Share {
        Share {
            keyed: true,
            written,
        }
    }

    #[test]
    fn shares_never_add_up_to_more_than_the_limit() {
        let limit = CaptureLimit::bytes(1 << 30);
        let shares = limit.shares(&[share(0), share(5), share(1_000_000)]);
        assert!(shares.iter().sum::<u64>() <= 1 << 30, "{shares:?}");
        assert!(shares[2] > shares[1] && shares[1] >= shares[0]);
        assert!(shares[0] > 100 << 20);
        let quiet = limit.shares(&[share(0), share(0)]);
        assert_eq!(quiet[0], quiet[1]);
    }

    #[test]
    fn the_usual_limit_is_small_on_a_full_disk() {
        assert_eq!(CaptureLimit::usual(None).get(), 5 << 30);
        assert_eq!(CaptureLimit::usual(Some(10 << 30)).get(), 1 << 30);
        assert_eq!(CaptureLimit::usual(Some(1 << 40)).get(), 5 << 30);
    }
}
