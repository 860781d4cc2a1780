// What NiceGUI's code editor lacks: completions for what may stand in a template, marked lines,
// jumping, inserting, and a copy of what was typed while the server could not be reached.
import * as CM from "nicegui-codemirror";

const setMarks = CM.StateEffect.define();
const markField = CM.StateField.define({
  create: () => CM.Decoration.none,
  update(set, transaction) {
    set = set.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(setMarks)) set = effect.value;
    return set;
  },
  provide: (field) => CM.EditorView.decorations.from(field),
});

const written = new CM.MatchDecorator({
  regexp: /\{\{[^{}\n]*\}\}|\{%[^{}%\n]*%\}|\{#[^\n]*?#\}/g,
  decoration: (match) => CM.Decoration.mark({ class: match[0][1] === "{" ? "te-value" : match[0][1] === "%" ? "te-block" : "te-remark" }),
});
const highlighting = CM.ViewPlugin.fromClass(
  class {
    constructor(view) { this.decorations = written.createDeco(view); }
    update(update) { this.decorations = written.updateDeco(update, this.decorations); }
  },
  { decorations: (plugin) => plugin.decorations },
);

const LOOKS_BACK = 400;

// `words` are [variables, filters, blocks, tags]; each entry is [label, detail, info, inserted].
function completions(words, form) {
  const [variables, filters, blocks, tags] = words.map((group, kind) =>
    group.map(([label, detail, info, apply]) => ({
      label, detail, info: info || undefined, apply: apply || undefined,
      type: ["variable", "function", "keyword", "type"][kind],
    })),
  );
  const spaced = (view, option, from, to) => {
    const opening = view.state.sliceDoc(Math.max(0, from - 2), from) === "{{" ? " " : "";
    const closed = /^\s*\}\}/.exec(view.state.sliceDoc(to, to + 20));
    const text = opening + (option.apply || option.label) + (closed ? (closed[0].length === 2 ? " " : "") : " }}");
    const anchor = from + text.length + (closed ? closed[0].length : 0);
    view.dispatch({ changes: { from, to, insert: text }, selection: { anchor }, userEvent: "input.complete" });
  };
  const asValues = variables.map((option) => ({ ...option, apply: (view, _, from, to) => spaced(view, option, from, to) }));
  return (context) => {
    const start = Math.max(0, context.pos - LOOKS_BACK);
    const text = context.state.sliceDoc(start, context.pos);
    const open = /\{\{([^{}]*)$/.exec(text) || /\{%([^{}%]*)$/.exec(text);
    if (open) {
      const isValue = open[0].startsWith("{{");
      const inside = open[1];
      const word = /[\w.]*$/.exec(inside)[0];
      const from = context.pos - word.length;
      if (/\|\s*\w*$/.test(inside)) return { from, options: filters, validFor: /^\w*$/ };
      if (/["'][^"']*$/.test(inside.replace(/"[^"]*"|'[^']*'/g, ""))) return null;
      if (!isValue && !/^\s*(if|elif|for\s+\w+\s+in)\b.*\s/.test(inside)) {
        return { from: context.pos - /\w*$/.exec(inside)[0].length, options: blocks, validFor: /^\w*$/ };
      }
      const fresh = isValue && /^\s*[\w.]*$/.test(inside);
      return { from, options: fresh ? asValues : variables, validFor: /^[\w.]*$/ };
    }
    const tag = form === "mjml" && /<(mj[\w-]*)?$/.exec(text);
    if (tag) return { from: context.pos - (tag[1] || "").length, options: tags, validFor: /^[\w-]*$/ };
    return null;
  };
}

const KEPT = "cadenza-template:";
// All of them travel in one message, which may have a million bytes.
const LONGEST_KEPT = 30000;

export default {
  template: "<span hidden></span>",
  props: { words: Array, name: String },
  mounted() {
    this.known = {};
    this.offline = () => this.tell(true);
    this.online = () => this.tell(false);
    this.leaving = (event) => { if (this.waiting) event.preventDefault(); };
    window.addEventListener("beforeunload", this.leaving);
    this.watchSocket();
    this.offerKept();
  },
  beforeUnmount() {
    window.removeEventListener("beforeunload", this.leaving);
    window.socket?.off("disconnect", this.offline);
    window.socket?.off("connect", this.online);
  },
  methods: {
    watchSocket() {
      if (!window.socket) return setTimeout(() => this.watchSocket(), 100);
      window.socket.on("disconnect", this.offline);
      window.socket.on("connect", this.online);
    },
    tell(isOffline) {
      document.querySelectorAll("[data-te-state]").forEach((place) => place.classList.toggle("is-offline", isOffline));
      if (isOffline) return;
      this.waiting = false;
      setTimeout(() => this.forgetKept(), 4000);
    },
    async attach(id, file, form, label) {
      const component = await this.found(id);
      if (!component) return;
      const view = component.editor;
      const source = completions(this.words, form);
      this.known[id] = { view, file };
      view.dispatch({
        effects: CM.StateEffect.appendConfig.of([
          markField,
          highlighting,
          CM.EditorState.languageData.of(() => [{ autocomplete: source }]),
          CM.EditorView.contentAttributes.of({ "aria-label": label }),
          CM.EditorView.updateListener.of((update) => { if (update.docChanged) this.typed(file, update.state); }),
        ]),
      });
      if (document.body.classList.contains("body--dark")) component.setTheme("vscodeDark");
    },
    // The editor is made in the browser some time after the server sent it.
    async found(id) {
      for (let tries = 0; tries < 100; tries += 1) {
        const component = getElement(id);
        if (component?.editor) return component;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return null;
    },
    async marks(id, lines) {
      const component = await this.found(id);
      if (!component) return;
      const view = component.editor, doc = view.state.doc;
      if (!view.state.field(markField, false)) return;
      const ranges = lines
        .filter(([line]) => line >= 1 && line <= doc.lines)
        .map(([line, level, title]) => CM.Decoration.line({ class: `te-line is-${level}`, attributes: { title } }).range(doc.line(line).from));
      view.dispatch({ effects: setMarks.of(CM.Decoration.set(ranges, true)) });
    },
    async goTo(id, line) {
      const component = await this.found(id);
      if (!component) return;
      const view = component.editor, doc = view.state.doc;
      const at = doc.line(Math.min(Math.max(line || 1, 1), doc.lines));
      view.dispatch({ selection: { anchor: at.from, head: at.to }, effects: CM.EditorView.scrollIntoView(at.from, { y: "center" }) });
      view.focus();
    },
    async insert(id, text) {
      const component = await this.found(id);
      if (!component) return;
      component.editor.dispatch(component.editor.state.replaceSelection(text), { scrollIntoView: true, userEvent: "input" });
      component.editor.focus();
    },
    typed(file, state) {
      if (window.socket?.connected) return;
      this.waiting = true;
      try {
        sessionStorage.setItem(KEPT + this.name + "/" + file, state.doc.toString());
      } catch { /* the browser's store is full or closed: the socket sends it when it is back */ }
    },
    keptKeys() {
      const start = KEPT + this.name + "/";
      return Object.keys(sessionStorage).filter((key) => key.startsWith(start));
    },
    offerKept() {
      const start = KEPT + this.name + "/";
      const found = this.keptKeys().map((key) => [key.slice(start.length), sessionStorage.getItem(key)]);
      const fitting = found.filter(([, text]) => text.length <= LONGEST_KEPT).slice(0, 8);
      if (fitting.length) this.$emit("kept", fitting);
    },
    forgetKept() { this.keptKeys().forEach((key) => sessionStorage.removeItem(key)); },
  },
};
