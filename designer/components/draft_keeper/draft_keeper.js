// What was drawn and not published stays in this browser: a closed tab or a restart loses nothing.
const PREFIX = "cadenza-draft:";

export default {
  props: { place: String },
  template: "<span hidden></span>",
  mounted() {
    const kept = localStorage.getItem(PREFIX + this.place);
    if (kept !== null) this.$emit("found", kept);
  },
  methods: {
    keep(text) {
      try {
        localStorage.setItem(PREFIX + this.place, text);
      } catch {
        // a full or forbidden storage costs the safety net alone
      }
    },
    drop() {
      localStorage.removeItem(PREFIX + this.place);
    },
  },
};
