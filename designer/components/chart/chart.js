import { echarts } from "nicegui-echart";

const LIGHT = ["#4f46e5", "#0e7490", "#c2410c", "#15803d", "#be185d", "#7c3aed", "#a16207", "#475569"];
const DARK = ["#949cff", "#67d3e8", "#fdaa6a", "#6ee7a0", "#f79ac4", "#c4a5fd", "#f5d565", "#a8b5c8"];
// Categories from which on one pulls a window over the axis instead of squeezing everything.
const MANY = 90;

export default {
  props: { title: String, kind: String, unit: Array, language: String, told: String, first: Array },
  template: `<div role="img" :aria-label="told" style="width: 100%; height: 100%"></div>`,
  mounted() {
    this.now = this.first;
    // A chart in a hidden place has no size yet: it begins when it has one.
    this.sizes = new ResizeObserver(() => this.sized());
    this.sizes.observe(this.$el);
  },
  beforeUnmount() {
    this.sizes?.disconnect();
    this.themes?.disconnect();
    this.chart?.dispose();
  },
  methods: {
    sized() {
      if (!this.$el.clientWidth || !this.$el.clientHeight) return;
      if (!this.chart) return this.begin();
      this.chart.resize();
      if (this.$el.clientWidth < 480 !== this.narrow) this.draw();
    },
    begin() {
      this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
      this.themes = new MutationObserver(() => this.draw());
      this.themes.observe(document.body, { attributes: true, attributeFilter: ["class"] });
      this.draw();
    },
    show(now) {
      this.now = now;
      if (this.chart) this.draw();
    },
    draw() {
      this.narrow = this.$el.clientWidth < 480;
      this.chart.setOption(this.options(), { notMerge: true });
    },
    save(name) {
      // On a sheet of its own, with the title, in the size of a slide.
      const sheet = document.createElement("div");
      sheet.style.cssText = "position:fixed;left:-4000px;top:0;width:1000px;height:520px";
      document.body.appendChild(sheet);
      const drawn = echarts.init(sheet, null, { renderer: "canvas" });
      const look = this.look();
      const title = { text: this.title, left: 16, top: 10, textStyle: { color: look.text, fontSize: 17, fontFamily: look.font } };
      const options = this.options(true);
      drawn.setOption({ ...options, title, animation: false, dataZoom: [] });
      const link = document.createElement("a");
      link.href = drawn.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: look.card });
      link.download = `${name}.png`;
      link.click();
      drawn.dispose();
      sheet.remove();
    },
    look() {
      const at = getComputedStyle(this.$el);
      const of = (name) => at.getPropertyValue(name).trim();
      const dark = document.body.classList.contains("body--dark") || !!this.$el.closest(".is-dark");
      return {
        dark, colors: dark ? DARK : LIGHT, font: getComputedStyle(document.body).fontFamily,
        text: of("--cz-text"), soft: of("--cz-soft"), line: of("--cz-line"), card: of("--cz-card"), warn: of("--cz-warn"),
      };
    },
    written(value, short = false) {
      if (value === null || value === undefined || Number.isNaN(value)) return "–";
      const [kind, currency, digits] = this.unit;
      const how = short ? { notation: "compact", maximumFractionDigits: 1 } : {};
      const language = this.language === "zh-CN" ? "zh-CN" : "en-GB";
      if (kind === "share") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: short ? 0 : 1 }).format(value);
      if (kind === "money") return new Intl.NumberFormat(language, { style: "currency", currency, ...how }).format(value / 10 ** digits);
      return new Intl.NumberFormat(language, { maximumFractionDigits: 1, ...how }).format(value);
    },
    options(wide = false) {
      const look = this.look();
      const text = { color: look.soft, fontFamily: look.font, fontSize: 12 };
      const base = {
        color: look.colors, textStyle: { fontFamily: look.font }, animationDuration: 350,
        // As drawn text, never as HTML.
        tooltip: {
          renderMode: "richText", confine: true, backgroundColor: look.card, borderColor: look.line,
          textStyle: { color: look.text, fontSize: 12, fontFamily: look.font }, valueFormatter: (value) => this.written(value),
        },
      };
      return this.kind === "funnel" ? this.funnel(base, look, wide) : this.axes(base, look, text, wide);
    },
    funnel(base, look, wide) {
      // Bars around one middle, each as wide as its share of the first; names left, numbers right.
      const [names, series] = this.now;
      const values = series[0]?.[2] ?? [];
      const top = Math.max(...values.map((value) => value ?? 0), 1);
      const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
      const share = (place) => (place > 0 && values[place - 1] ? percent.format((values[place] ?? 0) / values[place - 1]) : "");
      const told = (place) => [this.written(values[place]), share(place)].filter(Boolean).join("  ·  ");
      const narrow = !wide && this.narrow;
      const label = { color: look.text, fontFamily: look.font, fontSize: 12.5, width: narrow ? 84 : 170, overflow: "break" };
      const axis = { type: "category", inverse: true, axisLine: { show: false }, axisTick: { show: false } };
      return {
        ...base,
        tooltip: { ...base.tooltip, trigger: "item", formatter: (one) => `${names[one.dataIndex]}\n${told(one.dataIndex)}` },
        grid: { left: 8, right: 8, top: wide ? 56 : 4, bottom: 4, containLabel: true },
        xAxis: { type: "value", show: false, max: top },
        yAxis: [{ ...axis, data: names, axisLabel: label }, { ...axis, data: names.map((_, place) => told(place)), position: "right", axisLabel: { ...label, fontWeight: 600, width: undefined } }],
        series: [
          { type: "bar", stack: "all", silent: true, tooltip: { show: false }, itemStyle: { color: "transparent" }, barCategoryGap: "22%", data: values.map((value) => (top - (value ?? 0)) / 2) },
          { type: "bar", stack: "all", barMinHeight: 2, data: values.map((value, place) => ({ value: value || null, itemStyle: { color: look.colors[0], opacity: 1 - place * 0.1, borderRadius: 5 } })) },
        ],
      };
    },
    axes(base, look, text, wide) {
      const [names, series] = this.now;
      const across = this.kind === "across";
      const many = !across && names.length > MANY;
      const legend = series.length > 1;
      const category = {
        type: "category", data: names, inverse: across, boundaryGap: this.kind !== "line" && this.kind !== "area",
        axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, ...(across ? { width: wide ? 240 : this.narrow ? 96 : 170, overflow: "truncate" } : {}) },
      };
      const value = {
        type: "value", minInterval: this.unit[0] === "number" ? 1 : 0, splitLine: { lineStyle: { color: look.line } },
        axisLabel: { ...text, formatter: (shown) => this.written(shown, true) },
      };
      return {
        ...base,
        tooltip: { ...base.tooltip, trigger: "axis", axisPointer: { type: this.kind === "line" || this.kind === "area" ? "line" : "shadow", lineStyle: { color: look.soft }, shadowStyle: { color: look.dark ? "rgba(148,163,184,.12)" : "rgba(15,23,42,.05)" } } },
        legend: { show: legend, type: "scroll", top: wide ? 40 : 0, left: 4, icon: "roundRect", itemWidth: 12, itemHeight: 8, textStyle: { ...text, color: look.text }, pageTextStyle: text, pageIconColor: look.soft, pageIconInactiveColor: look.line },
        grid: { left: 10, right: 18, top: (wide ? 44 : 0) + (legend ? 38 : 16), bottom: many ? 46 : 8, containLabel: true },
        xAxis: across ? value : category,
        yAxis: across ? category : value,
        dataZoom: many ? [{ type: "inside" }, { type: "slider", height: 18, bottom: 8, borderColor: look.line, textStyle: text }] : [],
        series: series.map((one, place) => this.drawn(one, place, look)),
      };
    },
    drawn([name, form, values], place, look) {
      if (form === "limit") return { name, type: "line", data: values, symbol: "none", lineStyle: { type: "dashed", width: 1.5, color: look.warn }, itemStyle: { color: look.warn }, z: 5 };
      const color = look.colors[place % look.colors.length];
      const pale = form === "pale" ? 0.38 : 1;
      if (this.kind === "line" || this.kind === "area") {
        return {
          name, type: "line", data: values, showSymbol: values.length < 2 || values.filter((value) => value !== null).length < 16, symbolSize: 5, lineStyle: { width: 2, opacity: pale, type: pale < 1 ? "dashed" : "solid" },
          itemStyle: { color, opacity: pale }, stack: this.kind === "area" ? "all" : undefined, areaStyle: this.kind === "area" ? { opacity: 0.22 } : undefined,
        };
      }
      const stacked = this.kind === "stacked";
      return {
        name, type: "bar", data: values, stack: stacked ? "all" : undefined, barMaxWidth: this.kind === "across" ? 18 : 34, itemStyle: { color, opacity: pale, borderRadius: stacked ? 0 : this.kind === "across" ? [0, 4, 4, 0] : [4, 4, 0, 0] },
      };
    },
  },
};
