// Height of a card with the gap below it; the sheet says the same.
const CARD = 112;
const BESIDE = 6;
const PAGE = 60;
// A finger that rests so long, in milliseconds, lifts a card; one that moves before scrolls.
const HOLD = 320;
const STIRS = 9;
// Places in a packed card, as `designer/sales/cards.py` packs it.
const [ID, RANK, NAME, SUB, AMOUNT, OWNER, AGE, TONE, STATE, CLOSES, OVERDUE, WAITS, NEXT, CASES] = Array.from({ length: 14 }, (_, n) => n);
const before = (a, b) => a[RANK] - b[RANK] || a[ID] - b[ID];

export default {
  props: { board: Object, strings: Object, movable: Boolean },
  template: `
    <div class="db" :class="{ 'is-dragging': drag }" @keydown="pressed">
      <div class="db-cols" ref="cols">
        <section v-for="(col, c) in cols" :key="col.key" class="db-col" :data-key="col.key" :aria-label="col.label"
                 :class="['is-' + col.kind, { 'is-over': drag && drag.over === col.key, 'is-far': drag && far(drag.from, col.key) }]">
          <header class="db-head">
            <h2 class="db-title">{{ col.label }}</h2><span class="db-count" :aria-label="strings.deals">{{ col.total.toLocaleString() }}</span>
            <p class="db-sum" :title="col.hint">{{ col.sum }}</p>
          </header>
          <div class="db-body" :ref="(e) => bodies[col.key] = e" @scroll.passive="scrolled(col, $event.target)" :tabindex="col.total ? -1 : 0">
            <p v-if="!col.total" class="db-none">{{ strings.none }}</p>
            <div v-else class="db-space" :style="{ height: col.total * CARD + 'px' }" role="list" :aria-label="col.label">
              <template v-for="item in shown(col)" :key="item.key">
                <div v-if="!item.card" class="db-card is-ghostly" aria-hidden="true" :style="at(item.index)"></div>
                <article v-else role="listitem" class="db-card" :style="at(item.index)" :data-id="item.card[ID]"
                         :class="{ 'is-busy': busy[item.card[ID]], 'is-lifted': drag && drag.id === item.card[ID], 'is-back': back === item.card[ID] }"
                         :tabindex="isTab(c, item) ? 0 : -1" :aria-label="told(item.card)" :aria-setsize="col.total" :aria-posinset="item.index + 1"
                         @focus="here = item.card[ID]" @pointerdown="grab($event, col, item.card)" @contextmenu="held($event)">
                  <div class="db-top">
                    <a class="db-name" :href="'/deals/' + item.card[ID]" draggable="false" tabindex="-1">{{ item.card[NAME] }}</a>
                    <button v-if="movable" type="button" class="db-dots" tabindex="-1" aria-haspopup="menu" :aria-label="strings.move + ': ' + item.card[NAME]"
                            @click.stop="openMenu(col, item.card, $event.currentTarget)"><q-icon name="more_horiz" size="18px" /></button>
                  </div>
                  <div class="db-line"><span class="db-sub">{{ item.card[SUB] }}</span><b class="db-amount">{{ item.card[AMOUNT] }}</b></div>
                  <div class="db-line"><span class="db-owner">{{ item.card[OWNER] || strings.nobody }}</span>
                    <span v-if="item.card[CLOSES]" class="db-closes" :class="{ 'is-bad': item.card[OVERDUE] }">{{ item.card[CLOSES] }}</span></div>
                  <div class="db-line db-foot"><span class="db-age"><q-icon name="schedule" size="13px" aria-hidden="true" /> {{ item.card[AGE] }}</span>
                    <span v-if="item.card[WAITS]" class="cz-chip is-accent" :title="item.card[WAITS]">{{ item.card[WAITS] }}</span>
                    <span v-else-if="item.card[STATE]" class="cz-chip" :class="'is-' + item.card[TONE]" :title="item.card[NEXT]">{{ item.card[STATE] }}</span>
                    <span v-if="item.card[CASES]" class="cz-chip is-bad" :title="strings.cases"><q-icon name="campaign" size="13px" /></span></div>
                </article>
              </template>
            </div>
          </div>
        </section>
      </div>
      <div v-if="drag && drag.card" class="db-card db-held" aria-hidden="true" :style="{ width: drag.width + 'px', transform: 'translate(' + (drag.x - drag.dx) + 'px,' + (drag.y - drag.dy) + 'px) rotate(1.5deg)' }">
        <div class="db-top"><span class="db-name">{{ drag.card[NAME] }}</span></div>
        <div class="db-line"><span class="db-sub">{{ drag.card[SUB] }}</span><b class="db-amount">{{ drag.card[AMOUNT] }}</b></div>
      </div>
      <div v-if="menu" class="db-veil" @click="closeMenu()"></div>
      <div v-if="menu" class="db-menu" role="menu" ref="menu" :aria-label="strings.move" :style="{ left: menu.x + 'px', top: menu.y + 'px' }">
        <p class="db-menu__title" aria-hidden="true">{{ strings.move }}</p>
        <button v-for="col in cols.filter((one) => one.key !== menu.from)" :key="col.key" type="button" role="menuitem" class="db-item"
                :class="{ 'is-far': far(menu.from, col.key) }" @click="choose(col.key)">{{ col.label }}</button>
      </div>
      <div class="db-said" role="status" :class="{ 'is-shown': said }">
        <template v-if="said"><span>{{ said.text }}</span>
          <button v-if="said.undo" type="button" class="db-undo" @click="undo()">{{ strings.undo }}</button>
          <button type="button" class="db-undo" :aria-label="strings.close" @click="said = null"><q-icon name="close" size="16px" /></button></template>
      </div>
    </div>`,
  data() {
    return { CARD, ID, NAME, SUB, AMOUNT, OWNER, AGE, TONE, STATE, CLOSES, OVERDUE, WAITS, NEXT, CASES,
      cols: [], generation: 0, ways: null, drag: null, menu: null, said: null, busy: {}, back: null, here: null };
  },
  created() {
    this.bodies = {};
    // The card that keeps the focus while it changes its column.
    this.follow = null;
    this.take(this.board);
  },
  mounted() {
    this.onMove = (event) => this.dragged(event);
    this.onUp = (event) => this.dropped(event);
    this.onKey = (event) => event.key === "Escape" && this.letGo();
    this.onCancel = () => this.letGo();
    // Said before the finger comes down, else the browser scrolls and takes the card away.
    this.onTouch = (event) => this.drag && event.cancelable && event.preventDefault();
    this.$el.addEventListener("touchmove", this.onTouch, { passive: false });
    this.onSize = () => this.measure();
    window.addEventListener("resize", this.onSize);
    this.measure();
  },
  unmounted() {
    window.removeEventListener("resize", this.onSize);
    this.letGo();
  },
  methods: {
    take(board) {
      this.generation = board.generation;
      this.ways = board.ways;
      this.cols = board.columns.map(([key, label, kind, total, sum, hint], c) => ({ key, label, kind, total, sum, hint, cards: board.cards[c], top: 0, height: 800, waits: false }));
      this.busy = {};
    },
    measure() {
      for (const col of this.cols) {
        const body = this.bodies[col.key];
        if (body) col.height = body.clientHeight || 600;
      }
    },
    // What the server says.
    setBoard(board) {
      this.letGo();
      this.closeMenu();
      this.take(board);
      this.$nextTick(() => {
        for (const col of this.cols) if (this.bodies[col.key]) this.bodies[col.key].scrollTop = 0;
        this.measure();
      });
    },
    addCards(generation, key, cards) {
      const col = this.col(key);
      if (generation !== this.generation || !col) return;
      col.waits = false;
      const known = new Set(col.cards.map((one) => one[ID]));
      const fresh = cards.filter((one) => !known.has(one[ID]) && !this.busy[one[ID]]);
      col.cards = col.cards.concat(fresh).sort(before);
      if (!cards.length) col.total = col.cards.length;
      this.fill(col);
    },
    setSums(generation, sums) {
      if (generation !== this.generation) return;
      sums.forEach(([total, sum, hint], c) => Object.assign(this.cols[c], { total, sum, hint }));
      this.$nextTick(() => this.cols.forEach((col) => this.fill(col)));
    },
    // Each is [stage, card]; a card without a stage is one that this board does not show.
    putCards(generation, cards) {
      if (generation !== this.generation) return;
      // Whoever has gone on to something else is not called back.
      const focused = document.activeElement?.closest?.(".db-card[data-id]")?.dataset.id;
      const again = this.follow ?? (focused ? Number(focused) : null);
      this.follow = null;
      for (const [key, card] of cards) {
        delete this.busy[card[ID]];
        this.without(card[ID]);
        const col = this.col(key);
        if (col) this.insert(col, card);
      }
      if (again !== null && cards.some(([, card]) => card[ID] === again)) this.$nextTick(() => this.focusOn(again));
    },
    dropCards(ids) {
      ids.forEach((id) => { delete this.busy[id]; this.without(id); });
    },
    // It stays where it was: shown by a little shake.
    putBack(id) {
      const was = this.busy[id];
      if (was) {
        this.without(id);
        delete this.busy[id];
        const col = this.col(was.from);
        if (col) {
          this.insert(col, was.card);
          col.total += 1;
          this.col(was.to).total -= 1;
        }
      }
      this.back = id;
      this.follow = null;
      setTimeout(() => { this.back = null; }, 700);
      this.$nextTick(() => this.focusOn(id));
    },
    say(text, undo) {
      this.said = { text, undo };
      clearTimeout(this.silence);
      this.silence = setTimeout(() => { this.said = null; }, undo ? 10000 : 6000);
    },
    undo() {
      const [id, from, to] = this.said.undo;
      this.said = null;
      this.move(id, from, to, true);
    },
    // Columns and the part of them that is drawn.
    col(key) { return this.cols.find((one) => one.key === key); },
    far(from, to) { return from !== to && this.ways !== null && !(this.ways[this.cols.findIndex((one) => one.key === from)] || []).includes(to); },
    at(index) { return { transform: "translateY(" + index * CARD + "px)" }; },
    shown(col) {
      const first = Math.max(0, Math.floor(col.top / CARD) - BESIDE);
      const last = Math.min(col.total, Math.ceil((col.top + col.height) / CARD) + BESIDE);
      const items = [];
      for (let index = first; index < last; index += 1) {
        const card = col.cards[index];
        items.push({ index, card, key: card ? card[ID] : "n" + index });
      }
      return items;
    },
    scrolled(col, body) {
      col.top = body.scrollTop;
      col.height = body.clientHeight;
      this.fill(col);
    },
    fill(col) {
      const wanted = Math.min(col.total, Math.ceil((col.top + col.height) / CARD) + BESIDE);
      if (col.waits || wanted <= col.cards.length) return;
      col.waits = true;
      const last = col.cards[col.cards.length - 1];
      this.$emit("more", [this.generation, col.key, last ? [last[RANK], last[ID]] : null, Math.max(PAGE, wanted - col.cards.length)]);
    },
    without(id) {
      for (const col of this.cols) {
        const index = col.cards.findIndex((one) => one[ID] === id);
        if (index >= 0) col.cards.splice(index, 1);
      }
    },
    insert(col, card) {
      let index = col.cards.findIndex((one) => before(card, one) < 0);
      if (index < 0) index = col.cards.length;
      // Further down than what is known: it comes with its page.
      if (index < col.cards.length || col.cards.length >= col.total - 1) col.cards.splice(index, 0, card);
    },
    told(card) {
      return [card[NAME], card[SUB], card[AMOUNT], card[OWNER] || this.strings.nobody, card[AGE], card[WAITS] || card[STATE], card[CLOSES]].filter(Boolean).join(", ");
    },
    // Keys.
    isTab(c, item) {
      const known = this.cols.some((col) => col.cards.some((card) => card[ID] === this.here));
      return known ? item.card[ID] === this.here : item.index === 0 && this.cols.findIndex((col) => col.cards.length) === c;
    },
    placeOf(id) {
      for (let c = 0; c < this.cols.length; c += 1) {
        const index = this.cols[c].cards.findIndex((one) => one[ID] === id);
        if (index >= 0) return { c, index, col: this.cols[c], card: this.cols[c].cards[index] };
      }
      return null;
    },
    focusOn(id) {
      const place = this.placeOf(id);
      if (!place) return;
      const body = this.bodies[place.col.key];
      const top = place.index * CARD;
      if (body && (top < body.scrollTop || top + CARD > body.scrollTop + body.clientHeight)) body.scrollTop = Math.max(0, top - CARD);
      this.here = id;
      requestAnimationFrame(() => this.$nextTick(() => this.$el.querySelector('.db-card[data-id="' + Number(id) + '"]')?.focus()));
    },
    pressed(event) {
      if (this.menu) return this.inMenu(event);
      const card = event.target.closest?.(".db-card[data-id]");
      if (!card || event.altKey || event.metaKey) return undefined;
      const place = this.placeOf(Number(card.dataset.id));
      if (!place) return undefined;
      const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (sideways && (event.shiftKey || event.ctrlKey)) {
        const to = this.cols[place.c + sideways];
        if (to && this.movable) this.move(place.card[ID], place.col.key, to.key);
      } else if (sideways) {
        for (let c = place.c + sideways; c >= 0 && c < this.cols.length; c += sideways) {
          const other = this.cols[c].cards;
          if (other.length) { this.focusOn(other[Math.min(place.index, other.length - 1)][ID]); break; }
        }
      } else if (along || event.key === "Home" || event.key === "End") {
        const last = place.col.cards.length - 1;
        const index = along ? place.index + along : event.key === "Home" ? 0 : last;
        if (index >= 0 && index <= last) this.focusOn(place.col.cards[index][ID]);
      } else if (event.key === "Enter" && event.target === card) {
        window.location.href = "/deals/" + place.card[ID];
      } else if ((event.key === "m" || event.key === "M") && this.movable) {
        this.openMenu(place.col, place.card, card.querySelector(".db-dots"));
      } else {
        return undefined;
      }
      event.preventDefault();
      return undefined;
    },
    openMenu(col, card, button) {
      const box = button.getBoundingClientRect();
      const height = 44 + 36 * (this.cols.length - 1);
      this.menu = { id: card[ID], from: col.key, x: Math.max(8, Math.min(box.left, window.innerWidth - 236)), y: Math.max(8, Math.min(box.bottom + 4, window.innerHeight - height - 8)) };
      this.here = card[ID];
      this.$nextTick(() => this.$refs.menu.querySelector("button")?.focus());
    },
    closeMenu(focus) {
      const id = this.menu?.id;
      this.menu = null;
      if (focus && id) this.$nextTick(() => this.focusOn(id));
    },
    inMenu(event) {
      const items = [...this.$refs.menu.querySelectorAll("button")];
      const here = items.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) items[(here + step + items.length) % items.length].focus();
      else if (event.key === "Escape" || event.key === "Tab") this.closeMenu(true);
      else return undefined;
      event.preventDefault();
      return undefined;
    },
    choose(to) {
      const { id, from } = this.menu;
      this.closeMenu();
      this.move(id, from, to);
    },
    // Moving: the card is shown where it is to go at once, and the server has the last word.
    move(id, from, to, undoes = false) {
      const place = this.placeOf(id);
      if (place && !this.busy[id]) {
        const target = this.col(to);
        place.col.cards.splice(place.index, 1);
        place.col.total -= 1;
        target.total += 1;
        target.cards.unshift(place.card);
        this.busy[id] = { from, to, card: place.card };
        this.here = id;
        this.follow = id;
      }
      this.$emit("move", [id, from, to, undoes]);
    },
    grab(event, col, card) {
      // A second finger is none of the drag's business, and ends it.
      if (this.start) return void this.letGo();
      if (!this.movable || event.button !== 0 || event.target.closest("button") || this.busy[card[ID]]) return;
      const box = event.currentTarget.getBoundingClientRect();
      const touch = event.pointerType === "touch";
      this.start = { x: event.clientX, y: event.clientY, id: card[ID], from: col.key, card, dx: event.clientX - box.left, dy: event.clientY - box.top, width: box.width, touch };
      if (touch) this.hold = setTimeout(() => { this.lift(); navigator.vibrate?.(12); }, HOLD);
      window.addEventListener("pointermove", this.onMove);
      window.addEventListener("pointerup", this.onUp);
      window.addEventListener("pointercancel", this.onCancel);
      window.addEventListener("keydown", this.onKey);
    },
    lift() {
      this.drag = { ...this.start, over: this.start.from };
      window.getSelection()?.removeAllRanges();
      this.creep();
    },
    dragged(event) {
      if (!this.drag) {
        const gone = Math.hypot(event.clientX - this.start.x, event.clientY - this.start.y);
        if (gone < (this.start.touch ? STIRS : 5)) return;
        if (this.start.touch) return void this.letGo();
        this.lift();
      }
      event.preventDefault();
      this.drag.x = event.clientX;
      this.drag.y = event.clientY;
      this.aim();
    },
    aim() {
      const col = document.elementsFromPoint(this.drag.x, this.drag.y).map((one) => one.closest?.(".db-col")).find(Boolean);
      this.drag.over = col && this.$el.contains(col) ? col.dataset.key : null;
    },
    // The menu of a link that a finger rests on would end the drag.
    held(event) {
      if (this.start?.touch) event.preventDefault();
    },
    // Near the edge the board itself goes on.
    creep() {
      if (!this.drag) return;
      const box = this.$refs.cols.getBoundingClientRect();
      const pace = this.drag.touch ? 9 : 14;
      const step = this.drag.x < box.left + 48 ? -pace : this.drag.x > box.right - 48 ? pace : 0;
      if (step) {
        this.$refs.cols.scrollLeft += step;
        this.aim();
      }
      requestAnimationFrame(() => this.creep());
    },
    dropped() {
      const { drag } = this;
      this.letGo();
      if (!drag) return;
      // What was a drag is not a click on the name as well.
      const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
      window.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 60);
      if (drag.over && drag.over !== drag.from) this.move(drag.id, drag.from, drag.over);
    },
    letGo() {
      clearTimeout(this.hold);
      this.drag = null;
      this.start = null;
      window.removeEventListener("pointermove", this.onMove);
      window.removeEventListener("pointerup", this.onUp);
      window.removeEventListener("pointercancel", this.onCancel);
      window.removeEventListener("keydown", this.onKey);
    },
  },
};
