const inside = (address) => (typeof address === "string" && /^\/(?!\/)/.test(address) ? address : null);

export default {
  props: { caption: String, columns: Array, headings: Array, rows: Array, chosen: Array, chooses: Boolean, labels: Object },
  emits: ["choose", "order"],
  data() {
    return { heads: this.headings, lines: this.rows, ticked: new Set(this.chosen), at: 0, from: null };
  },
  template: `
    <div class="cz-scroll">
      <table class="cz-table cz-recordgrid" @keydown="keyed">
        <caption class="visually-hidden">{{ caption }}</caption>
        <thead><tr>
          <th v-if="chooses" class="cz-tick" scope="col"><input type="checkbox" :aria-label="labels.all" :checked="all" :indeterminate.prop="some && !all" :disabled="!lines.length" @change="page($event.target.checked)"></th>
          <th v-for="(head, h) in heads" :key="h" scope="col" :class="{ 'is-right': head[1] === 'right' }" :aria-sort="sort(head)">
            <button v-if="head[2]" type="button" class="cz-order" :title="labels.order" @click="$emit('order', [h, $event.shiftKey])">{{ head[0] }}<span v-if="head[3]" aria-hidden="true">{{ head[3] < 0 ? '↓' : '↑' }}<sup v-if="several">{{ Math.abs(head[3]) }}</sup></span></button>
            <template v-else>{{ head[0] }}</template>
          </th>
        </tr></thead>
        <tbody>
          <tr v-for="(line, r) in lines" :key="line[0]" :class="{ 'has-link': inside(line[1]), 'is-chosen': ticked.has(line[0]) }" :aria-selected="chooses ? ticked.has(line[0]) : null" :tabindex="r === at ? 0 : -1" @click="open($event, line[1])" @focus="at = r">
            <td v-if="chooses" class="cz-tick" @click.stop><input type="checkbox" tabindex="-1" :aria-label="line[2][0] ? line[2][0][0] : ''" :checked="ticked.has(line[0])" @click="tick($event, r)"></td>
            <td v-for="(cell, c) in line[2]" :key="c" :data-label="heads[c] ? heads[c][0] : ''" :class="{ 'is-right': heads[c] && heads[c][1] === 'right', 'is-blank': !cell[0], 'is-first': c === 0 }">
              <div class="cz-cell">
                <a v-if="inside(cell[1])" :href="cell[1]" tabindex="-1">{{ cell[0] }}</a>
                <span v-else-if="cell[3]" class="cz-chip" :class="'is-' + cell[3]">{{ cell[0] }}</span>
                <span v-else>{{ cell[0] }}</span>
                <div v-if="cell[2]" class="cz-cell__sub">{{ cell[2] }}</div>
              </div>
            </td>
          </tr>
        </tbody>
      </table>
    </div>`,
  computed: {
    all() { return this.lines.length > 0 && this.lines.every((line) => this.ticked.has(line[0])); },
    some() { return this.lines.some((line) => this.ticked.has(line[0])); },
    several() { return this.heads.filter((head) => head[3]).length > 1; },
  },
  methods: {
    inside,
    put(heads, lines, chosen) {
      this.heads = heads;
      this.lines = lines;
      this.ticked = new Set(chosen);
      this.at = 0;
      this.from = null;
    },
    mark(chosen) { this.ticked = new Set(chosen); },
    sort(head) { return !head[2] ? null : head[3] === 0 ? "none" : head[3] < 0 ? "descending" : "ascending"; },
    page(on) { this.say(this.lines.map((line) => line[0]), on); },
    tick(event, row) {
      const on = event.target.checked;
      const between = event.shiftKey && this.from !== null ? [Math.min(row, this.from), Math.max(row, this.from)] : [row, row];
      this.from = row;
      this.say(this.lines.slice(between[0], between[1] + 1).map((line) => line[0]), on);
    },
    say(ids, on) {
      const ticked = new Set(this.ticked);
      ids.forEach((id) => (on ? ticked.add(id) : ticked.delete(id)));
      this.ticked = ticked;
      this.$emit("choose", [ids, on]);
    },
    keyed(event) {
      const row = event.target.closest("tbody tr");
      if (!row || event.target !== row) return;
      const line = this.lines[this.at];
      if (event.key === "ArrowDown" || event.key === "j") this.go(event, this.at + 1);
      else if (event.key === "ArrowUp" || event.key === "k") this.go(event, this.at - 1);
      else if (event.key === "Home") this.go(event, 0);
      else if (event.key === "End") this.go(event, this.lines.length - 1);
      else if (event.key === "Enter" && inside(line[1])) window.location.href = line[1];
      else if ((event.key === " " || event.key === "x") && this.chooses) {
        event.preventDefault();
        this.say([line[0]], !this.ticked.has(line[0]));
      }
    },
    go(event, to) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.lines.length - 1, to));
      this.$el.querySelectorAll("tbody tr")[this.at].focus();
    },
    open(event, address) {
      // Links in the row act by themselves; text that is being marked is not a click.
      if (!inside(address) || event.target.closest("a, input, button") || String(window.getSelection())) return;
      if (event.metaKey || event.ctrlKey) window.open(address, "_blank");
      else window.location.href = address;
    },
  },
};
