// A field for one file: a label that can be clicked, reached by keyboard, or dropped on.
export default {
  props: { url: String, label: String, accept: String, maxFileSize: Number },
  data: () => ({ busy: false, over: false }),
  template: `
    <label class="cz-drop" :class="{ 'is-over': over, 'is-busy': busy }"
           @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="dropped">
      <input ref="input" type="file" class="visually-hidden" :accept="accept" :disabled="busy" :aria-label="label" @change="send($refs.input.files[0])">
      <span aria-hidden="true">{{ label }}</span>
    </label>`,
  methods: {
    dropped(event) {
      this.over = false;
      this.send(event.dataTransfer.files[0]);
    },
    async send(file) {
      if (!file || this.busy) return;
      const kinds = this.accept.split(",");
      if (file.size > this.maxFileSize || !kinds.some((kind) => file.name.toLowerCase().endsWith(kind))) {
        this.$refs.input.value = "";
        this.$emit("rejected");
        return;
      }
      const form = new FormData();
      form.append("file", file);
      this.busy = true;
      try {
        const answer = await fetch(this.url, { method: "POST", body: form });
        if (!answer.ok) this.$emit("rejected");
      } catch {
        this.$emit("rejected");
      } finally {
        this.busy = false;
        this.$refs.input.value = "";
      }
    },
    reset() {},
  },
};
