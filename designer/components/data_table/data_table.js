const inside = (address) => (typeof address === "string" && /^\/(?!\/)/.test(address) ? address : null);

export default {
  props: { caption: String, columns: Array, rows: Array },
  template: `
    <div class="cz-scroll">
      <table class="cz-table">
        <caption class="visually-hidden">{{ caption }}</caption>
        <thead><tr><th v-for="(column, c) in columns" :key="c" scope="col" :class="{ 'is-right': column[1] === 'right' }">{{ column[0] }}</th></tr></thead>
        <tbody>
          <tr v-for="(row, r) in rows" :key="r" :class="{ 'has-link': inside(row[0]) }" @click="open($event, row[0])">
            <td v-for="(cell, c) in row[1]" :key="c" :data-label="columns[c][0]" :class="{ 'is-right': columns[c][1] === 'right', 'is-blank': !cell[0] }">
              <div class="cz-cell" :class="{ 'is-wrapping': columns[c][2] }">
                <a v-if="inside(cell[1])" :href="cell[1]">{{ cell[0] }}</a>
                <span v-else-if="cell[3]" class="cz-chip" :class="'is-' + cell[3]">{{ cell[0] }}</span>
                <span v-else>{{ cell[0] }}</span>
                <div v-if="cell[2]" class="cz-cell__sub">{{ cell[2] }}</div>
              </div>
            </td>
          </tr>
        </tbody>
      </table>
    </div>`,
  methods: {
    inside,
    open(event, address) {
      // Links in the row act by themselves; text that is being marked is not a click.
      if (!inside(address) || event.target.closest("a") || String(window.getSelection())) return;
      if (event.metaKey || event.ctrlKey) window.open(address, "_blank");
      else window.location.href = address;
    },
  },
};
