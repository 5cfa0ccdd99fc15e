// The charts beside the live city, drawn by Chart.js, which is loaded when the page has time for it.
import { number, text } from "../shared/texts.js";

let loading;

function library() {
  loading ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: `${document.body.dataset.assets}/libraries/chart.js` });
    script.onload = () => resolve(window.Chart);
    script.onerror = () => reject(new Error("the charts cannot be loaded"));
    document.head.append(script);
  });
  return loading;
}

/** How many minutes ago each of the numbers is. */
const minutesAgo = (count) => Array.from({ length: count }, (_, index) => (index === count - 1 ? text("admin.script.now") : `−${number(count - 1 - index)}`));

export class CityCharts {
  #orders;
  #preparation;

  /** Charts of a pulse in two canvases. */
  static async open(orders, preparation, pulse) {
    const Chart = await library();
    return new CityCharts(Chart, orders, preparation, pulse);
  }

  constructor(Chart, orders, preparation, pulse) {
    const tone = tones();
    this.#orders = new Chart(orders, {
      type: "bar",
      data: { datasets: [{ label: text("admin.script.chart.placed"), backgroundColor: tone("accent") }, { label: text("admin.script.chart.served"), backgroundColor: tone("good") }] },
      options: options(text("admin.script.chart.minutes"), text("admin.script.chart.orders"), true),
    });
    this.#preparation = new Chart(preparation, {
      type: "line",
      data: {
        datasets: [{
          label: text("admin.script.chart.preparation"), spanGaps: true, tension: 0.3, pointRadius: 3, borderWidth: 2, borderColor: tone("info"),
          backgroundColor: tone("info"),
        }],
      },
      options: options(text("admin.script.chart.minutes"), text("admin.script.chart.length"), false),
    });
    this.#dress();
    this.show(pulse);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#dress());
  }

  show(pulse) {
    const prepared = pulse.preparationByMinute ?? pulse.placedByMinute.map(() => null);
    this.#orders.data.labels = minutesAgo(pulse.placedByMinute.length);
    this.#orders.data.datasets[0].data = pulse.placedByMinute;
    this.#orders.data.datasets[1].data = pulse.servedByMinute;
    this.#preparation.data.labels = minutesAgo(prepared.length);
    this.#preparation.data.datasets[0].data = prepared;
    this.#orders.update("none");
    this.#preparation.update("none");
  }

  #dress() {
    const tone = tones();
    const [placed, served] = this.#orders.data.datasets, [prepared] = this.#preparation.data.datasets;
    placed.backgroundColor = tone("accent");
    served.backgroundColor = tone("good");
    prepared.borderColor = prepared.backgroundColor = tone("info");
    for (const chart of [this.#orders, this.#preparation]) {
      chart.options.color = tone("ink");
      for (const axis of Object.values(chart.options.scales)) {
        axis.ticks.color = axis.title.color = tone("soft");
        axis.grid.color = axis.grid.borderColor = tone("line");
      }
      chart.update();
    }
  }
}

/** The colours of the design by their names. */
function tones() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function options(across, up, hasLegend) {
  const axis = (title) => ({ title: { display: true, text: title }, ticks: { maxRotation: 0, autoSkip: true, maxTicksLimit: 7 }, grid: {} });
  const bottom = axis(across);
  bottom.reverse = document.documentElement.dir === "rtl";
  return {
    animation: false, responsive: true, maintainAspectRatio: false, events: ["mousemove", "mouseout", "touchstart", "touchmove"],
    interaction: { mode: "index", intersect: false },
    plugins: { legend: { display: hasLegend, rtl: document.documentElement.dir === "rtl", labels: { boxWidth: 12 } } },
    scales: { x: bottom, y: { ...axis(up), beginAtZero: true, position: document.documentElement.dir === "rtl" ? "right" : "left" } },
    locale: document.documentElement.lang,
  };
}
