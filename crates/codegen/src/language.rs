//! The table of languages. A language is one row here and one file in `templates/`.

use crate::{literal, name::Case};

/// A language that programs are written in.
#[derive(Debug, Clone, Copy)]
pub struct Language {
    /// Its id on the command line and in URLs.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// File extension.
    pub extension: &'static str,
    /// The command that runs a program; `FILE` stands for it.
    pub run: &'static str,
    /// Naming style.
    pub(crate) case: Case,
    /// Naming style of response types.
    pub(crate) type_case: Case,
    /// Whether a function of the program would replace a built-in one with the same name.
    pub(crate) shares_function_names: bool,
    /// Reserved names, beyond the words of the template; in lower case, separated by blanks.
    pub(crate) keywords: &'static str,
    /// How to write a string literal.
    pub(crate) literal: fn(&str) -> String,
    /// How to write a string literal in the part that reads the response, if that is in another language.
    pub(crate) reading_literal: fn(&str) -> String,
    /// One step of indentation.
    pub(crate) indent: &'static str,
    /// The program for the language's own libraries.
    pub(crate) template: &'static str,
    /// The program for the Chilkat library.
    pub(crate) chilkat: Option<&'static str>,
    /// How to write a string literal there.
    pub(crate) chilkat_literal: fn(&str) -> String,
    /// The types of a response, for languages that declare types.
    pub(crate) classes: Option<&'static str>,
}

/// The library that a program uses to send and to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// The language's own, or a usual one if there is none.
    #[default]
    Stdlib,
    /// The Chilkat library.
    Chilkat,
}

impl Style {
    /// Its id on the command line and in URLs.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Stdlib => "stdlib",
            Self::Chilkat => "chilkat",
        }
    }
}

/// Reserved names in both Pascals.
const PASCAL_KEYWORDS: &str = "absolute abstract and array as asm begin boolean case char class const constructor destructor \
    dispose div do double downto else end except exit exports false file finalization finally for \
    function goto hasvalue if implementation in inherited initialization inline int64 integer interface is \
    label library mod name new nil not object of on operator or out packed private procedure program \
    property protected public published raise record repeat result self set shl shr string system \
    text then threadvar to true try type unit until uses var while with write writeln xor";

/// The defaults of most languages.
const ROW: Language = Language {
    id: "",
    name: "",
    extension: "",
    run: "",
    case: Case::Snake,
    type_case: Case::Pascal,
    shares_function_names: false,
    keywords: "",
    literal: literal::json,
    reading_literal: literal::json,
    indent: "    ",
    template: "",
    chilkat: None,
    chilkat_literal: literal::json,
    classes: None,
};

/// All languages, in display order.
pub const LANGUAGES: &[Language] = &[
    Language {
        id: "curl",
        name: "curl and jq",
        extension: "sh",
        run: "bash FILE",
        type_case: Case::Snake,
        shares_function_names: true,
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
        classes: Some(include_str!("../templates/classes/typescript.jinja")),
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
        classes: Some(include_str!("../templates/classes/go.jinja")),
        ..ROW
    },
    Language {
        id: "rust",
        name: "Rust",
        extension: "rs",
        run: "cargo run  # FILE is src/main.rs, next to a Cargo.toml with the crates that it names",
        keywords: "abstract as async await become box break const continue crate do dyn else enum err extern false \
                   final fn for gen if impl in let loop macro match mod move mut none ok option override priv pub ref return \
                   self some static string struct super trait true try type typeof union unsafe unsized use value \
                   vec virtual where while yield",
        literal: literal::rust,
        reading_literal: literal::rust,
        template: include_str!("../templates/rust.jinja"),
        classes: Some(include_str!("../templates/classes/rust.jinja")),
        ..ROW
    },
    Language {
        id: "java",
        name: "Java",
        extension: "java",
        run: "java -cp /usr/share/java/gson.jar FILE",
        case: Case::Camel,
        keywords: "abstract assert boolean break byte case catch char class clone const continue default do double else \
                   enum extends false final finalize finally float for getclass goto hashcode if implements import \
                   instanceof int integer interface long notify notifyall tostring wait \
                   native new null object package private protected public record return sealed short static strictfp string \
                   super switch synchronized this throw throws transient true try var void volatile while yield",
        literal: literal::java,
        reading_literal: literal::java,
        template: include_str!("../templates/java.jinja"),
        classes: Some(include_str!("../templates/classes/java.jinja")),
        ..ROW
    },
    Language {
        id: "csharp",
        name: "C#",
        extension: "cs",
        run: "dotnet run  # FILE is the only one next to a project file, as `dotnet new console` creates it",
        case: Case::Camel,
        keywords: "abstract as async await base bool break byte case catch char checked class const continue decimal \
                   default delegate do double dynamic else enum event explicit extern false finally fixed float for \
                   foreach get global goto if implicit in int interface internal is list lock long nameof namespace new \
                   null object operator out override params partial private protected public readonly record ref \
                   return sbyte sealed set short sizeof stackalloc static string struct switch this throw true try \
                   typeof uint ulong unchecked unsafe ushort using value var virtual void volatile when where while \
                   yield",
        template: include_str!("../templates/csharp.jinja"),
        classes: Some(include_str!("../templates/classes/csharp.jinja")),
        ..ROW
    },
    Language {
        id: "ruby",
        name: "Ruby",
        extension: "rb",
        run: "ruby FILE",
        type_case: Case::Upper,
        keywords: "__encoding__ __file__ __line__ alias and begin break case class def defined do else elsif end \
                   ensure false for if in lambda loop module next nil not or p print proc puts raise redo require \
                   rescue retry return self super then true undef unless until when while yield",
        literal: literal::ruby,
        reading_literal: literal::ruby,
        indent: "  ",
        template: include_str!("../templates/ruby.jinja"),
        ..ROW
    },
    Language {
        id: "c",
        name: "C",
        extension: "c",
        run: "cc -o program FILE -lcurl -ljansson && ./program",
        type_case: Case::Snake,
        shares_function_names: true,
        keywords: "asm auto bool boolean break case char const continue default do double else enum environ errno extern \
                   false float for goto h_addr i386 if inline int linux long main null number register restrict return s_addr \
                   short signed sizeof st_atime st_ctime st_mtime static stderr stdin stdout struct switch text true \
                   typedef typeof union unix unsigned void volatile while",
        literal: literal::c,
        reading_literal: literal::c,
        template: include_str!("../templates/c.jinja"),
        ..ROW
    },
    Language {
        id: "lua",
        name: "Lua",
        extension: "lua",
        run: "lua FILE",
        type_case: Case::Snake,
        keywords: "_env _g and arg break do else elseif end false for function goto if in io ipairs local math nil not \
                   or os pairs print repeat require return string table then tonumber tostring true type until while",
        literal: literal::lua,
        reading_literal: literal::lua,
        template: include_str!("../templates/lua.jinja"),
        ..ROW
    },
    Language {
        id: "r",
        name: "R",
        extension: "r",
        run: "Rscript FILE",
        type_case: Case::Snake,
        keywords: "break c else f false for function if in inf list na nan next null repeat t true while",
        literal: literal::r,
        reading_literal: literal::r,
        indent: "  ",
        template: include_str!("../templates/r.jinja"),
        ..ROW
    },
    Language {
        id: "tcl",
        name: "Tcl",
        extension: "tcl",
        run: "tclsh FILE",
        type_case: Case::Snake,
        shares_function_names: true,
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
        type_case: Case::Upper,
        shares_function_names: true,
        keywords: "__halt_compiler _get _post _server abstract and argc argv array as bool break callable case catch \
                   class clone const continue declare default do echo else elseif empty enddeclare endfor endforeach \
                   endif endswitch endwhile enum eval exit extends false final finally float fn for foreach function \
                   global globals goto http_response_header if implements include include_once inf instanceof \
                   insteadof int interface isset iterable list match mixed namespace nan never new null object or \
                   parent php_errormsg print private protected public readonly require require_once return self \
                   static stderr stdin stdout string switch this throw trait true try unset use var void while xor \
                   yield",
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
        type_case: Case::Snake,
        shares_function_names: true,
        keywords: "a b _ env argv inc stdin stdout stderr",
        literal: literal::perl,
        reading_literal: literal::perl,
        template: include_str!("../templates/perl.jinja"),
        ..ROW
    },
    Language {
        id: "delphi",
        name: "Delphi",
        extension: "dpr",
        run: "dcc64 FILE  # makes a program of the same name",
        case: Case::Pascal,
        type_case: Case::Pascal,
        shares_function_names: false,
        keywords: PASCAL_KEYWORDS,
        literal: literal::delphi,
        reading_literal: literal::delphi,
        indent: "  ",
        template: concat!(include_str!("../templates/pascal_types.jinja"), include_str!("../templates/delphi.jinja")),
        chilkat: Some(include_str!("../templates/chilkat/pascal.jinja")),
        chilkat_literal: literal::delphi,
        classes: Some(include_str!("../templates/classes/pascal.jinja")),
    },
    Language {
        id: "pascal",
        name: "Free Pascal",
        extension: "pas",
        run: "fpc -v0 -oPROGRAM FILE && ./PROGRAM",
        case: Case::Pascal,
        type_case: Case::Pascal,
        shares_function_names: false,
        keywords: PASCAL_KEYWORDS,
        literal: literal::pascal,
        reading_literal: literal::pascal,
        indent: "  ",
        template: concat!(include_str!("../templates/pascal_types.jinja"), include_str!("../templates/pascal.jinja")),
        chilkat: Some(include_str!("../templates/chilkat/pascal.jinja")),
        chilkat_literal: literal::delphi,
        classes: Some(include_str!("../templates/classes/pascal.jinja")),
    },
];

impl Language {
    /// Returns the language with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<&'static Language> {
        LANGUAGES.iter().find(|language| language.id == id)
    }

    /// Returns whether the language has this style.
    #[must_use]
    pub fn has(&self, style: Style) -> bool {
        match style {
            Style::Stdlib => true,
            Style::Chilkat => self.chilkat.is_some(),
        }
    }

    /// Returns whether it declares types, so that [`Generator::classes`](crate::Generator::classes) returns some.
    #[must_use]
    pub fn has_classes(&self) -> bool {
        self.classes.is_some()
    }
}
