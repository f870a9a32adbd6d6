// Turns the text field of a policy into an editor; without this script the field works by itself.
import {
  bracketMatching,
  defaultKeymap,
  EditorState,
  EditorView,
  foldGutter,
  HighlightStyle,
  highlightActiveLine,
  history,
  historyKeymap,
  keymap,
  lineNumbers,
  StreamLanguage,
  search,
  searchKeymap,
  setDiagnostics,
  syntaxHighlighting,
  tags,
} from "../../vendor/codemirror/codemirror.js";
import { say } from "./words.js";

const TOKENS = [
  [/^\/\/.*/, "comment"],
  [/^\/\*/, "comment"],
  [/^"(?:[^"\\]|\\.)*"(?=\s*:)/, "propertyName"],
  [/^"(?:[^"\\]|\\.)*"?/, "string"],
  [/^-?\d[\d.eE+-]*/, "number"],
  [/^(?:true|false|null)\b/, "keyword"],
  [/^[{}[\],:]/, "punctuation"],
];

function endComment(stream, state) {
  state.inComment = !stream.match(/^.*?\*\//);
  if (state.inComment) stream.skipToEnd();
  return "comment";
}

// JSON with comments and commas at the end.
const hujson = StreamLanguage.define({
  startState: () => ({ inComment: false }),
  token(stream, state) {
    if (state.inComment) return endComment(stream, state);
    if (stream.eatSpace()) return null;
    for (const [pattern, name] of TOKENS) {
      const found = stream.match(pattern);
      if (found?.[0] === "/*") return endComment(stream, state);
      if (found) return name;
    }
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "//", block: { open: "/*", close: "*/" } } },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--ink-quiet)", fontStyle: "italic" },
  { tag: tags.propertyName, color: "var(--accent)" },
  { tag: tags.string, color: "var(--state-ok)" },
  { tag: tags.number, color: "var(--state-part)" },
  { tag: tags.keyword, color: "var(--state-unknown)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--ink)", fontSize: "14px" },
  "&.cm-focused": { outline: "2px solid var(--accent)" },
  ".cm-scroller": { fontFamily: "ui-monospace, monospace", lineHeight: "1.6" },
  ".cm-gutters": { backgroundColor: "var(--ground-quiet)", color: "var(--ink-quiet)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--ground-quiet)" },
  ".cm-content": { caretColor: "var(--ink)", minHeight: "320px" },
  ".cm-panels": { backgroundColor: "var(--ground-raised)", color: "var(--ink)" },
});

function phrases() {
  const names = ["Find", "Replace", "next", "previous", "all", "match case", "regexp", "by word"];
  const more = ["replace", "replace all", "close", "Go to line", "go"];
  const said = [...names, ...more].map((name) => [name, say(`editor.${name}`)]);
  return Object.fromEntries(said.filter(([, text]) => !text.startsWith("editor.")));
}

function editorOf(field) {
  return new EditorView({
    doc: field.value,
    parent: field.parentElement,
    extensions: [
      lineNumbers(),
      foldGutter(),
      history(),
      bracketMatching(),
      highlightActiveLine(),
      search({ top: true }),
      hujson,
      syntaxHighlighting(colours),
      look,
      EditorState.phrases.of(phrases()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": field.labels[0]?.textContent ?? "" }),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
    ],
  });
}

function markFault(editor, { faultLine, faultColumn, fault }) {
  const number = Number(faultLine);
  if (!number || number > editor.state.doc.lines) return;
  const line = editor.state.doc.line(number);
  const from = Math.min(line.from + Math.max(0, Number(faultColumn) - 1), line.to);
  const spot = { from, to: Math.min(from + 1, line.to), severity: "error", message: fault };
  editor.dispatch(setDiagnostics(editor.state, [spot]));
  editor.dispatch({ selection: { anchor: from }, scrollIntoView: true });
}

for (const field of document.querySelectorAll("textarea[data-policy]")) {
  const editor = editorOf(field);
  field.hidden = true;
  field.required = false;
  field.form.addEventListener("submit", () => {
    field.value = editor.state.doc.toString();
  });
  markFault(editor, field.dataset);
}
