//! The order in which records arrive in a load.

/// A fixed way round `extent` records that does not begin where another connection begins, so
/// that the serial `id` of a row differs from database to database, as it does with Connect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    extent: usize,
    stride: usize,
    offset: usize,
}

impl Order {
    /// The order for the connection of this number.
    pub(crate) fn new(extent: usize, connection: u64) -> Self {
        let seed = usize::try_from(connection % 1_000_003).expect("small");
        let wanted = (extent * 618 / 1000 + seed % 97).max(1);
        let stride = (wanted..)
            .find(|stride| gcd(*stride, extent.max(1)) == 1)
            .expect("one above is coprime");
        Self {
            extent,
            stride,
            offset: seed.wrapping_mul(7919) % extent.max(1),
        }
    }

    /// The positions of records number `from..to` of this order.
    pub(crate) fn slice(self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        (from..to.min(self.extent)).map(move |n| {
            let wide = (n as u128 * self.stride as u128 + self.offset as u128)
                % self.extent.max(1) as u128;
            usize::try_from(wide).expect("below the extent")
        })
    }
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_comes_once_and_orders_differ() {
        for extent in [0, 1, 2, 97, 1_000] {
            let mut all: Vec<usize> = Order::new(extent, 650_001).slice(0, extent).collect();
            all.sort_unstable();
            assert_eq!(all, (0..extent).collect::<Vec<_>>());
        }
        let first: Vec<usize> = Order::new(1_000, 650_001).slice(0, 10).collect();
        let second: Vec<usize> = Order::new(1_000, 650_002).slice(0, 10).collect();
        assert_ne!(first, second);
    }
}
