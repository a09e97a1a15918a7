//! The wide rows: a JSON document and a text of a few kB, of words that repeat
//! as words do, with keys and tokens among them that do not.

/// How many of these rows are 2 GB as `COPY` sends them in binary form.
pub(crate) const PER_2_GB: f64 = 500e3;

/// The table, without its key.
pub(crate) const TABLE: &str = "\
CREATE TABLE documents (id bigint NOT NULL, kind text NOT NULL, changed_at timestamptz NOT NULL, \
payload jsonb NOT NULL, body text NOT NULL)";

const LINES_A_DOCUMENT: u32 = 8;
/// Words of the text that is made once and then cut from: over a million letters.
const WORDS_OF_TEXT: u32 = 200_000;

const WORDS: &str = "account address advance agreement amount answer approval archive area article \
balance batch billing branch budget building business call campaign capacity case category change \
channel claim client code collection comment company complaint condition contact content contract \
copy cost country course credit customer date day dealer decision delay delivery demand department \
deposit design detail device discount distribution document draft duty effort email employee end \
engine entry equipment error estimate event evidence example exchange expense export factory failure \
feature field file finance firm form freight function goods group growth guarantee guide history \
holiday hour house image import income increase industry information input inquiry insurance interest \
invoice item job journey key label language law lead lease letter level licence limit line list loan \
location loss machine mail maintenance manager map margin market material matter meeting member \
message method minute model month name need network note notice number object offer office operation \
option order organisation origin output owner package page part partner party payment people period \
permit phone place plan plant point policy position price problem process product profit project \
promise proof property proposal purchase purpose quality quantity question quote range rate reason \
receipt record reference refund region report request result return review risk role route rule sale \
sample schedule season section sector service share shipment shop signature site size source staff \
stage standard statement station status stock store subject supplier support system table target task";

/// Cuts text out for row `n`, from another place for every `salt`.
fn cut(salt: u32, length: &str) -> String {
    format!(
        "convert_from(substr(text, 1 + (hashint8extended(n, {salt}) & 1048575)::integer, {length}), \
         'UTF8')"
    )
}

fn line(number: u32) -> String {
    format!(
        "jsonb_build_object('sku', left(md5((n * 31 + {number})::text), 12), \
         'quantity', hashint8extended(n, {}) & 15, \
         'price', round((hashint8extended(n, {}) & 65535) / 100.0, 2), 'note', {})",
        100 + number,
        200 + number,
        cut(300 + number, "60")
    )
}

/// Fills the table with `rows` rows and makes its key.
pub(crate) fn fill(rows: u64) -> String {
    let lines: Vec<String> = (0..LINES_A_DOCUMENT).map(line).collect();
    // Bytes: their middle is found at once, that of text only by counting from its beginning.
    format!(
        "DO $$
DECLARE
  words text[] := string_to_array('{WORDS}', ' ');
  text bytea;
BEGIN
  text := convert_to((
    SELECT string_agg(words[1 + (hashint8(w) & 65535) % array_length(words, 1)], ' ' ORDER BY w)
    FROM generate_series(1, {WORDS_OF_TEXT}) w), 'UTF8');
  INSERT INTO documents
  SELECT n, (ARRAY['order', 'invoice', 'quote', 'claim'])[1 + n % 4],
    timestamptz '2023-01-01 00:00:00+00' + n * interval '1 minute',
    jsonb_build_object('number', n, 'token', md5(n::text) || md5((n + 1)::text),
      'open', n % 3 = 0,
      'customer', jsonb_build_object('name', {name}, 'city', {city},
        'email', left(md5(n::text), 10) || '@example.com'),
      'lines', jsonb_build_array({lines})),
    {body}
  FROM generate_series(1, {rows}) n;
END $$;
ALTER TABLE documents ADD PRIMARY KEY (id)",
        name = cut(50, "24"),
        city = cut(51, "12"),
        lines = lines.join(", "),
        body = cut(52, "2200 + (hashint8extended(n, 53) & 1023)::integer"),
    )
}
