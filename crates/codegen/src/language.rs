//! The table of languages. A language is one row here and one file in `templates/`.

use crate::{literal, name::Case};

/// A language that programs are written in.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// What it is called on the command line and in addresses.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Of its files.
    pub extension: &'static str,
    /// What runs a program; `FILE` stands for it.
    pub run: &'static str,
    /// How names are written.
    pub(crate) case: Case,
    /// What may not be a name, beyond the words of the template; in lower case, apart by blanks.
    pub(crate) keywords: &'static str,
    /// How a text is written.
    pub(crate) literal: fn(&str) -> String,
    /// How a text is written in the part that reads the answer, where that is another language.
    pub(crate) reading_literal: fn(&str) -> String,
    /// One step of indentation.
    pub(crate) indent: &'static str,
    /// The program for the language's own libraries.
    pub(crate) template: &'static str,
    /// The program for the Chilkat library.
    pub(crate) chilkat: Option<&'static str>,
    /// How a text is written there.
    pub(crate) chilkat_literal: fn(&str) -> String,
    /// The types of an answer, for languages that declare types.
    pub(crate) classes: Option<&'static str>,
}

/// What a program uses to send and to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// What comes with the language, or is usual where nothing does.
    #[default]
    Stdlib,
    /// The Chilkat library.
    Chilkat,
}

impl Style {
    /// What it is called on the command line and in addresses.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Stdlib => "stdlib",
            Self::Chilkat => "chilkat",
        }
    }
}

/// A row that most languages are written like.
const ROW: Language = Language {
    id: "",
    name: "",
    extension: "",
    run: "",
    case: Case::Snake,
    keywords: "",
    literal: literal::json,
    reading_literal: literal::json,
    indent: "    ",
    template: "",
    chilkat: None,
    chilkat_literal: literal::json,
    classes: None,
};

/// All languages, in the order in which they are shown.
pub const LANGUAGES: &[Language] = &[
    Language {
        id: "curl",
        name: "curl and jq",
        extension: "sh",
        run: "bash FILE",
        keywords: "and or not if then elif else end as def reduce foreach try catch label import include __loc__ \
                   env",
        literal: literal::shell,
        reading_literal: literal::jq,
        indent: "  ",
        template: include_str!("../templates/curl.jinja"),
        ..ROW
    },
    Language {
        id: "python",
        name: "Python",
        extension: "py",
        run: "python3 FILE",
        keywords: "and as assert async await break class continue def del elif else except false finally for from \
                   global if import in is lambda match none nonlocal not or pass raise return true try type while \
                   with yield id list dict print",
        literal: literal::python,
        reading_literal: literal::python,
        template: include_str!("../templates/python.jinja"),
        chilkat: Some(include_str!("../templates/chilkat/python.jinja")),
        chilkat_literal: literal::python,
        classes: Some(include_str!("../templates/classes/python.jinja")),
        ..ROW
    },
    Language {
        id: "javascript",
        name: "JavaScript",
        extension: "mjs",
        run: "node FILE",
        case: Case::Camel,
        keywords: "abstract arguments async await break case catch class const continue debugger default delete do \
                   else enum eval export extends false finally for function if implements import in instanceof \
                   interface let new null of package private protected public return static super switch this throw \
                   true try typeof undefined var void while with yield nan infinity",
        indent: "  ",
        template: include_str!("../templates/javascript.jinja"),
        ..ROW
    },
    Language {
        id: "typescript",
        name: "TypeScript",
        extension: "mts",
        run: "node FILE",
        case: Case::Camel,
        keywords: "abstract any arguments as asserts async await bigint boolean break case catch class const continue \
                   debugger declare default delete do else enum eval export extends false finally for from function \
                   get global if implements import in infer infinity instanceof interface is keyof let module \
                   namespace nan never new null number object of override package private protected public readonly \
                   require return satisfies set static string super switch symbol this throw true try type typeof \
                   undefined unique unknown using var void while with yield",
        indent: "  ",
        template: include_str!("../templates/typescript.jinja"),
        ..ROW
    },
    Language {
        id: "go",
        name: "Go",
        extension: "go",
        run: "go run FILE",
        case: Case::Camel,
        keywords: "any append bool break byte cap case chan close complex complex64 complex128 const continue copy \
                   default defer delete else error fallthrough false float32 float64 for func go goto if imag import \
                   init int int8 int16 int32 int64 interface iota len main make map new nil package panic print println \
                   range real recover return rune select string struct switch true type uint uint8 uint16 uint32 \
                   uint64 uintptr var",
        literal: literal::go,
        reading_literal: literal::go,
        indent: "\t",
        template: include_str!("../templates/go.jinja"),
        ..ROW
    },
    Language {
        id: "tcl",
        name: "Tcl",
        extension: "tcl",
        run: "tclsh FILE",
        keywords: "env argv argc argv0 errorinfo errorcode auto_path",
        literal: literal::tcl,
        reading_literal: literal::tcl,
        template: include_str!("../templates/tcl.jinja"),
        chilkat: Some(include_str!("../templates/chilkat/tcl.jinja")),
        chilkat_literal: literal::tcl,
        ..ROW
    },
    Language {
        id: "php",
        name: "PHP",
        extension: "php",
        run: "php FILE",
        keywords: "this globals argv argc php_errormsg http_response_header _get _post _server",
        literal: literal::php,
        reading_literal: literal::php,
        template: include_str!("../templates/php.jinja"),
        chilkat: Some(include_str!("../templates/chilkat/php.jinja")),
        chilkat_literal: literal::php,
        classes: Some(include_str!("../templates/classes/php.jinja")),
        ..ROW
    },
    Language {
        id: "perl",
        name: "Perl",
        extension: "pl",
        run: "perl FILE",
        keywords: "a b _ env argv inc stdin stdout stderr",
        literal: literal::perl,
        reading_literal: literal::perl,
        template: include_str!("../templates/perl.jinja"),
        ..ROW
    },
    Language {
        id: "pascal",
        name: "Delphi / Object Pascal",
        extension: "pas",
        run: "fpc -v0 -oPROGRAM FILE && ./PROGRAM",
        case: Case::Pascal,
        keywords: "absolute abstract and array as asm begin boolean case char class const constructor destructor \
                   dispose div do double downto else end except exit exports false file finalization finally for \
                   function goto if implementation in inherited initialization inline int64 integer interface is \
                   label library mod name new nil not object of on operator or out packed private procedure program \
                   property protected public published raise record repeat result self set shl shr string system \
                   text then threadvar to true try type unit until uses var while with write writeln xor",
        literal: literal::pascal,
        reading_literal: literal::pascal,
        indent: "  ",
        template: include_str!("../templates/pascal.jinja"),
        chilkat: Some(include_str!("../templates/chilkat/pascal.jinja")),
        chilkat_literal: literal::delphi,
        classes: Some(include_str!("../templates/classes/pascal.jinja")),
    },
];

impl Language {
    /// The language of this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Language> {
        LANGUAGES.iter().find(|language| language.id == id)
    }

    /// Whether programs in this style are made.
    #[must_use]
    pub fn has(&self, style: Style) -> bool {
        match style {
            Style::Stdlib => true,
            Style::Chilkat => self.chilkat.is_some(),
        }
    }

    /// Whether it declares types, so that [`Generator::classes`](crate::Generator::classes) has something to say.
    #[must_use]
    pub fn has_classes(&self) -> bool {
        self.classes.is_some()
    }
}
