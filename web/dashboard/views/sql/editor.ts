/** The SQL editor: CodeMirror in a shadow root. There it styles itself with constructed style sheets, which the page's policy allows. */
import { autocompletion, closeBrackets, completionKeymap, type Completion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { sql, SQLite } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, placeholder, type DecorationSet } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { Table } from "./schema";

export interface Editor {
  text: () => string;
  set: (text: string) => void;
  insert: (text: string) => void;
  focus: () => void;
  /** Offers these tables and columns. */
  complete: (tables: Table[]) => void;
  /** Underlines where an error is; null removes the line. */
  mark: (range: { from: number; to: number } | null) => void;
  destroy: () => void;
}

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--page)", fontSize: "0.8125rem", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.25rem", overflow: "auto" },
  ".cm-content": { caretColor: "var(--accent)", padding: "0.5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-gutters": { color: "var(--n-7)", backgroundColor: "var(--page)", border: "none", paddingRight: "0.25rem" },
  ".cm-placeholder": { color: "var(--soft)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "var(--select)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--select)" },
  ".cm-wrong": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "3px" },
  ".cm-tooltip": { border: "1px solid var(--edge)", borderRadius: "6px", backgroundColor: "var(--float)", color: "var(--ink)", boxShadow: "var(--shadow)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "0.75rem", maxHeight: "15rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--accent-wash)", color: "var(--ink)" },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal", marginLeft: "1rem" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-tooltip.cm-completionInfo": { padding: "4px 8px", fontFamily: "var(--sans)", fontSize: "0.75rem", maxWidth: "18rem" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--code-word)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-text)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--code-key)" },
]);

const setWrong = StateEffect.define<{ from: number; to: number } | null>();
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = transaction.docChanged ? Decoration.none : shown;
    for (const effect of transaction.effects) {
      if (!effect.is(setWrong)) continue;
      next = effect.value ? Decoration.set([Decoration.mark({ class: "cm-wrong" }).range(effect.value.from, effect.value.to)]) : Decoration.none;
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Returns SQL's language with completion of these tables. */
function language(tables: Table[]) {
  const schema = Object.fromEntries(
    tables.map(({ name, meaning, columns }) => [
      name,
      {
        self: { label: name, type: "type", info: meaning } satisfies Completion,
        children: columns.map((column): Completion => ({ label: column.name, type: "property", detail: column.type, info: column.meaning })),
      },
    ]),
  );
  return sql({ dialect: SQLite, schema, upperCaseKeywords: true });
}

/** Types over a selection. Left to itself, the browser keeps the look of what it replaces by inline styles, which the page's policy forbids. */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { data } = event;
  if (event.inputType !== "insertText" || !data || /["'`([{]/.test(data) || view.state.selection.main.empty) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
  return true;
}

/** Puts an editor into the element. `run` is called by Ctrl+Enter, `stop` by Escape; it returns whether there was anything to stop. */
export function createEditor(host: HTMLElement, text: string, on: { run: () => void; stop: () => boolean; change: (text: string) => void }): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const words = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (on.run(), true) }, { key: "Escape", run: () => on.stop() }])),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        words.of(language([])),
        syntaxHighlighting(colours),
        wrong,
        theme,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "SQL query. Control Enter runs it, Escape and then Tab leaves it." }),
        placeholder("SELECT …"),
        EditorView.domEventHandlers({ beforeinput: typeOver }),
        keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
        EditorView.updateListener.of((update) => update.docChanged && on.change(update.state.doc.toString())),
      ],
    }),
  });
  // The page's own keys must not see what is typed here.
  host.addEventListener("keydown", (event) => {
    if (!event.metaKey && !event.ctrlKey) event.stopPropagation();
  });
  return {
    text: () => view.state.doc.toString(),
    set: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    insert: (piece) => {
      view.dispatch(view.state.replaceSelection(piece));
      view.focus();
    },
    focus: () => view.focus(),
    complete: (tables) => view.dispatch({ effects: words.reconfigure(language(tables)) }),
    mark: (range) => view.dispatch({ effects: setWrong.of(range), ...(range ? { selection: { anchor: range.from } } : {}) }),
    destroy: () => view.destroy(),
  };
}
