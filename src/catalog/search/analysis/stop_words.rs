//! Stop words: words so frequent in a language that results need not contain them. Folded, and only such as never tell
//! one product from another: `without` and `not` are none.

use crate::core::language::Language;

/// Returns the stop words of a language.
pub fn of(language: Language) -> &'static [&'static str] {
    let list = LISTS
        .iter()
        .find(|(codes, _)| codes.contains(&language.code()));
    list.map_or(&[], |(_, words)| words)
}

const LISTS: [(&[&str], &[&str]); 21] = [
    (
        &["ar"],
        &[
            "في", "من", "الي", "علي", "عن", "مع", "او", "ثم", "هذا", "هذه", "ذلك", "التي", "الذي",
            "ما", "هو", "هي", "كل", "لل", "ال", "و",
        ],
    ),
    (
        &["cs"],
        &[
            "a", "i", "k", "ke", "na", "o", "od", "po", "pro", "s", "se", "ve", "v", "z", "ze",
            "do", "nebo", "je", "jsou", "u", "za",
        ],
    ),
    (
        &["da"],
        &[
            "af", "at", "den", "der", "det", "de", "du", "en", "er", "et", "for", "fra", "har",
            "i", "med", "og", "om", "pa", "som", "til", "ved", "vi",
        ],
    ),
    (
        &["de"],
        &[
            "aber", "als", "am", "an", "auf", "aus", "bei", "beim", "bin", "da", "das", "dass",
            "dem", "den", "der", "des", "die", "du", "ein", "eine", "einem", "einen", "einer",
            "eines", "er", "es", "fur", "fuer", "im", "in", "ist", "mit", "nach", "oder", "sie",
            "sind", "um", "und", "vom", "von", "vor", "was", "wie", "wir", "zu", "zum", "zur",
        ],
    ),
    (
        &["el"],
        &[
            "και",
            "να",
            "το",
            "του",
            "τα",
            "των",
            "τη",
            "την",
            "της",
            "τον",
            "τους",
            "τις",
            "στο",
            "στη",
            "στην",
            "στον",
            "με",
            "για",
            "απο",
            "ο",
            "η",
            "οι",
            "σε",
            "ειναι",
            "ενα",
            "μια",
            "που",
            "ως",
        ],
    ),
    (
        &["en"],
        &[
            "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "his", "her", "i",
            "if", "in", "into", "is", "it", "its", "my", "of", "on", "or", "our", "that", "the",
            "their", "these", "this", "those", "to", "was", "were", "with", "you", "your",
        ],
    ),
    (
        &["es"],
        &[
            "a", "al", "con", "como", "de", "del", "el", "en", "es", "esta", "este", "la", "las",
            "lo", "los", "mi", "o", "para", "pero", "por", "que", "se", "su", "sus", "te", "tu",
            "un", "una", "unas", "unos", "y",
        ],
    ),
    (
        &["fi"],
        &[
            "ja", "on", "se", "ei", "tai", "etta", "kun", "joka", "jos", "kuin", "han", "mina",
            "sina", "tama",
        ],
    ),
    (
        &["fr"],
        &[
            "a", "au", "aux", "avec", "ce", "ces", "cette", "d", "dans", "de", "des", "du", "elle",
            "en", "est", "et", "il", "ils", "j", "je", "l", "la", "le", "les", "leur", "m", "ma",
            "mes", "n", "ne", "nos", "notre", "ou", "par", "pas", "pour", "qu", "que", "qui", "s",
            "sa", "se", "ses", "son", "sont", "sur", "t", "ta", "tes", "un", "une", "vos", "votre",
            "vous",
        ],
    ),
    (
        &["he"],
        &[
            "של", "את", "על", "עם", "או", "גם", "זה", "זו", "הוא", "היא", "כל", "אל", "מנ",
        ],
    ),
    (
        &["hu"],
        &[
            "a", "az", "egy", "es", "vagy", "hogy", "is", "de", "nem", "van", "volt", "ez", "meg",
            "mint",
        ],
    ),
    (
        &["it"],
        &[
            "a", "ad", "ai", "al", "alla", "alle", "all", "che", "chi", "con", "d", "da", "dal",
            "dalla", "de", "dei", "del", "della", "delle", "dello", "dell", "di", "e", "ed", "gli",
            "ha", "i", "il", "in", "l", "la", "le", "lo", "ma", "mi", "nei", "nel", "nella",
            "nelle", "nell", "o", "per", "piu", "si", "su", "sul", "sulla", "sui", "tra", "fra",
            "un", "una", "uno",
        ],
    ),
    (
        &["nb", "nn", "no"],
        &[
            "av", "at", "den", "der", "det", "de", "du", "en", "er", "et", "for", "fra", "har",
            "i", "med", "og", "om", "pa", "som", "til", "ved", "vi", "ei",
        ],
    ),
    (
        &["nl"],
        &[
            "aan", "als", "bij", "dat", "de", "den", "der", "deze", "die", "dit", "door", "een",
            "en", "er", "het", "ik", "in", "is", "je", "met", "mijn", "naar", "of", "om", "op",
            "te", "tot", "uit", "van", "voor", "was", "wat", "ze", "zijn",
        ],
    ),
    (
        &["pl"],
        &[
            "a", "albo", "co", "czy", "dla", "do", "i", "jak", "jest", "ktory", "na", "o", "od",
            "oraz", "po", "pod", "przez", "przy", "sa", "sie", "to", "u", "w", "we", "z", "za",
            "ze",
        ],
    ),
    (
        &["pt"],
        &[
            "a", "ao", "aos", "as", "com", "como", "da", "das", "de", "do", "dos", "e", "em",
            "essa", "esse", "este", "esta", "na", "nas", "no", "nos", "o", "os", "ou", "para",
            "pela", "pelo", "por", "que", "se", "seu", "sua", "um", "uma",
        ],
    ),
    (
        &["ro"],
        &[
            "a", "al", "ale", "ca", "cu", "de", "din", "este", "in", "la", "mai", "o", "pe",
            "pentru", "prin", "sau", "se", "si", "sunt", "un", "unei", "unui",
        ],
    ),
    (
        &["ru"],
        &[
            "а", "в", "во", "для", "до", "и", "из", "или", "к", "как", "ко", "на", "не", "но", "о",
            "об", "от", "по", "под", "при", "с", "со", "то", "у", "что", "это", "за",
        ],
    ),
    (
        &["sv"],
        &[
            "att", "av", "de", "den", "det", "du", "ett", "en", "for", "fran", "har", "i", "med",
            "och", "om", "pa", "som", "till", "vid", "vi", "ar",
        ],
    ),
    (
        &["tr"],
        &[
            "bir", "bu", "da", "de", "ile", "icin", "mi", "ne", "o", "su", "ve", "veya", "ya",
            "gibi",
        ],
    ),
    (
        &["uk"],
        &[
            "а", "в", "для", "до", "з", "за", "і", "із", "й", "на", "о", "об", "од", "по", "при",
            "про", "та", "у", "це", "що", "як",
        ],
    ),
];
