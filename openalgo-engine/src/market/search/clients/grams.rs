//! In which instruments three characters stand behind each other.
//!
//! Whatever has a text has every three characters of it, so that what lacks one of them need not be
//! looked at. Characters are taken as a few dozen codes, and lower case as upper case: what is
//! found may be too much, never too little.

/// What stands behind the last character.
const END: u8 = 0;
/// What stands before the first one, and, twice behind a character, anywhere else.
const START: u8 = 1;
/// How many codes there are.
const CODES: u8 = 44;
/// How many three codes can be.
const GRAMS: usize = 44 * 44 * 44;

/// A set of places, a bit for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places(Box<[u64]>);

/// Where three characters stand.
#[derive(Debug)]
enum Posting {
    /// In few places: the gaps between them, seven bits to a byte, the lowest first.
    Gaps(Box<[u8]>),
    /// In many.
    Bits(Places),
}

/// Where each three characters stand that stand anywhere.
#[derive(Debug, Default)]
pub(super) struct Grams {
    /// By their codes.
    postings: Box<[(u32, Posting)]>,
    places: usize,
}

/// Takes the texts of one place after the other.
pub(super) struct GramsBuilder(Vec<Coming>);

/// The places that are known so far, as gaps.
#[derive(Clone, Default)]
struct Coming {
    /// Behind the last of them.
    next: usize,
    gaps: Vec<u8>,
}

impl Places {
    /// None of so many.
    pub(super) fn none_of(places: usize) -> Self {
        Self(vec![0; places.div_ceil(64)].into())
    }

    /// All of so many, and what is left of the last word.
    pub(super) fn all_of(places: usize) -> Self {
        Self(vec![u64::MAX; places.div_ceil(64)].into())
    }

    pub(super) fn add(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= bit(place);
        }
    }

    pub(super) fn keep(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word &= other;
        }
    }

    pub(super) fn join(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(&others.0) {
            *word |= other;
        }
    }

    /// The places, from the first to the last.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let low = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest.wrapping_sub(1);
                let place = at.saturating_mul(64);
                Some(place.saturating_add(usize::try_from(low).unwrap_or_default()))
            })
        })
    }

    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.0)
    }
}

fn bit(place: usize) -> u64 {
    let at = u32::try_from(place % 64).unwrap_or_default();
    1_u64.checked_shl(at).unwrap_or_default()
}

impl Posting {
    fn join_to(&self, places: &mut Places) {
        let gaps = match self {
            Self::Bits(bits) => return places.join(bits),
            Self::Gaps(gaps) => gaps,
        };
        let (mut next, mut gap, mut shift) = (0_usize, 0_usize, 0_u32);
        for byte in gaps {
            let low = usize::from(byte & 0x7f);
            gap |= low.checked_shl(shift).unwrap_or_default();
            shift = shift.saturating_add(7);
            if *byte < 0x80 {
                next = next.saturating_add(gap);
                places.add(next);
                next = next.saturating_add(1);
                (gap, shift) = (0, 0);
            }
        }
    }

    fn memory(&self) -> usize {
        match self {
            Self::Gaps(gaps) => gaps.len(),
            Self::Bits(places) => places.memory(),
        }
    }
}

impl GramsBuilder {
    pub(super) fn new() -> Self {
        Self(vec![Coming::default(); GRAMS])
    }

    /// Adds what stands in a text at a place no earlier than those before it; `is_known` says what
    /// need not be added.
    pub(super) fn add(
        &mut self,
        place: usize,
        (text, begins): (&str, bool),
        is_known: impl Fn(u32) -> bool,
    ) {
        let codes = text.bytes().map(code).chain([END]);
        let mut before = (START, START);
        for (code, at) in codes.zip(0_usize..) {
            let (second, first) = before;
            // The very first of all has but the start before it.
            if at > 0 && (at > 1 || begins) {
                let gram = gram([second, first, code]);
                if !is_known(gram) {
                    self.push(gram, place);
                }
            }
            if code != END {
                let single = gram([code, START, START]);
                if !is_known(single) {
                    self.push(single, place);
                }
            }
            before = (first, code);
        }
    }

    /// Whether three characters stand at a place, the last one that was added.
    pub(super) fn has(&self, gram: u32, place: usize) -> bool {
        let coming = wide(gram).and_then(|at| self.0.get(at));
        coming.is_some_and(|coming| coming.next == place.saturating_add(1))
    }

    fn push(&mut self, gram: u32, place: usize) {
        let Some(coming) = wide(gram).and_then(|at| self.0.get_mut(at)) else {
            return;
        };
        // What stands there more than once is there already.
        let Some(mut gap) = place.checked_sub(coming.next) else {
            return;
        };
        coming.next = place.saturating_add(1);
        while gap >= 0x80 {
            let low = u8::try_from(gap & 0x7f).unwrap_or_default();
            coming.gaps.push(low | 0x80);
            gap >>= 7;
        }
        coming.gaps.push(u8::try_from(gap).unwrap_or_default());
    }

    /// What was added, of so many places.
    pub(super) fn finish(self, places: usize) -> Grams {
        let known = (0..).zip(self.0).filter(|(_, coming)| coming.next > 0);
        let postings = known.map(|(gram, coming)| {
            let gaps = Posting::Gaps(coming.gaps.into());
            let mut bits = Places::none_of(places);
            if gaps.memory() <= bits.memory() {
                return (gram, gaps);
            }
            gaps.join_to(&mut bits);
            (gram, Posting::Bits(bits))
        });
        let postings = postings.collect();
        Grams { postings, places }
    }
}

impl Grams {
    /// Places of which nothing says that a text does not stand there, in one of two.
    pub(super) fn holding(all: [&Self; 2], text: &str) -> Places {
        Self::of_codes(&all, &text.bytes().map(code).collect::<Vec<_>>())
    }

    /// Places of which nothing says that a text does not stand there.
    pub(super) fn having(&self, text: &str) -> Places {
        Self::of_codes(&[self], &text.bytes().map(code).collect::<Vec<_>>())
    }

    /// The same where the text is the beginning.
    pub(super) fn beginning(&self, text: &str) -> Places {
        let codes = std::iter::once(START).chain(text.bytes().map(code));
        Self::of_codes(&[self], &codes.collect::<Vec<_>>())
    }

    fn of_codes(all: &[&Self], codes: &[u8]) -> Places {
        let places = all.first().map_or(0, |grams| grams.places);
        let union = |from: [u8; 3], last: u8| {
            let mut union = Places::none_of(places);
            for grams in all {
                grams.join_range(gram(from), gram([from[0], from[1], last]), &mut union);
            }
            union
        };
        match *codes {
            [] => Places::all_of(places),
            [one] => union([one, START, START], START),
            [one, two] => union([one, two, END], CODES),
            _ => {
                let mut found = Places::all_of(places);
                for window in codes.windows(3) {
                    if let [one, two, three] = *window {
                        found.keep(&union([one, two, three], three));
                    }
                }
                found
            }
        }
    }

    /// Adds the places of the grams from one to another, both included.
    fn join_range(&self, from: u32, until: u32, places: &mut Places) {
        let start = self.postings.partition_point(|(gram, _)| *gram < from);
        let rest = self.postings.iter().skip(start);
        for (_, posting) in rest.take_while(|(gram, _)| *gram <= until) {
            posting.join_to(places);
        }
    }

    pub(super) fn memory(&self) -> usize {
        let postings = self.postings.iter().map(|(_, posting)| posting.memory());
        size_of_val(&*self.postings).saturating_add(postings.sum::<usize>())
    }
}

fn gram([one, two, three]: [u8; 3]) -> u32 {
    let codes = u32::from(CODES);
    let two = u32::from(one)
        .saturating_mul(codes)
        .saturating_add(two.into());
    two.saturating_mul(codes).saturating_add(three.into())
}

fn wide(gram: u32) -> Option<usize> {
    usize::try_from(gram).ok()
}

/// Letters and digits are themselves, and a few marks; everything else is one.
fn code(byte: u8) -> u8 {
    match byte.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => letter.saturating_sub(b'A').saturating_add(2),
        digit @ b'0'..=b'9' => digit.saturating_sub(b'0').saturating_add(28),
        b' ' => 38,
        b'-' => 39,
        b'&' => 40,
        b':' => 41,
        b'.' => 42,
        _ => 43,
    }
}
