import { computed, onBeforeUnmount, onMounted, ref } from "vue";

const ANSWER = 15000; // milliseconds after which something unanswered is sent again
const AFTER_RECONNECT = 1500; // the server first repeats what it said meanwhile, answers among it
const CONFIRMED = new Set(["undo", "redo", "cut", "paste", "duplicate", "save", "publish"]);

/**
 * Deeds on their way to the server, one after another.
 *
 * Each is kept until the server has answered, and in the tab's own storage too: neither a cut line nor a
 * reload, a restart or a new sign-in loses one. The server drops what it gets twice.
 */
export function useOutbox(emit, revision) {
  const key = `cadenza-unsent:${location.pathname}`;
  const queue = ref([]);
  const online = ref(true);
  let underWay = null;
  const stopped = ref(false);
  let timer = 0;
  let socket = null;
  let waiting = 0;

  function keep() {
    try {
      if (queue.value.length) sessionStorage.setItem(key, JSON.stringify(queue.value));
      else sessionStorage.removeItem(key);
    } catch {
      // Storage may be full or switched off; what is in memory is still sent.
    }
  }
  function restore() {
    try {
      queue.value = JSON.parse(sessionStorage.getItem(key) || "[]");
    } catch {
      queue.value = [];
    }
  }
  function put(event, payload) {
    queue.value = [...queue.value, { event, payload: { ...payload, revision: revision.value, batch: crypto.randomUUID?.() || String(Math.random()).slice(2) } }];
    keep();
    pump();
  }
  function pump() {
    if (underWay || stopped.value || !online.value || !queue.value.length) return;
    underWay = queue.value[0].payload.batch;
    clearTimeout(timer);
    timer = setTimeout(again, ANSWER);
    emit(queue.value[0].event, queue.value[0].payload);
  }
  function again() {
    underWay = null;
    pump();
  }
  function received(batch) {
    const done = queue.value.find((one) => one.payload.batch === batch);
    queue.value = queue.value.filter((one) => one !== done);
    // What was done right after it was meant for what became of it.
    for (const one of queue.value) if (done && one.payload.revision === done.payload.revision) one.payload.revision = revision.value;
    keep();
    if (underWay === batch) again();
  }
  /** The server could not take it now: it stays for the next time the page is loaded. */
  function kept() {
    stopped.value = true;
    clearTimeout(timer);
  }
  /** One command; those that change something wait for an answer, others need none. */
  function command(name, more = {}) {
    if (CONFIRMED.has(name)) put("command", { name, ...more });
    else emit("command", { name, ...more });
  }

  function up() {
    online.value = true;
    clearTimeout(timer);
    timer = setTimeout(again, underWay ? AFTER_RECONNECT : 0);
  }
  function down() {
    online.value = false;
    clearTimeout(timer);
  }
  function listen() {
    socket = window.socket || null;
    if (!socket) {
      waiting = setTimeout(listen, 50);
      return;
    }
    online.value = socket.connected;
    socket.on("connect", up);
    socket.on("disconnect", down);
  }
  onMounted(() => {
    restore();
    listen();
  });
  onBeforeUnmount(() => {
    clearTimeout(timer);
    clearTimeout(waiting);
    socket?.off("connect", up);
    socket?.off("disconnect", down);
  });
  return { put, pump, command, received, kept, halted: computed(() => !online.value || stopped.value), unsent: computed(() => queue.value.length) };
}
