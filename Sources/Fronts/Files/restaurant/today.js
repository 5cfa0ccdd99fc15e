// Draws the orders of each hour; the same numbers stand in the table.
const box = document.getElementById("chart");
const rows = [...document.querySelectorAll("[data-hour]")];

function load() {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: `${document.body.dataset.assets}/libraries/chart.js` });
    script.onload = () => resolve(window.Chart);
    script.onerror = reject;
    document.head.append(script);
  });
}

function draw(Chart) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const isBackwards = document.documentElement.dir === "rtl";
  Chart.defaults.font.family = style.getPropertyValue("--sans");
  return new Chart(box.querySelector("canvas"), {
    type: "bar",
    data: {
      labels: rows.map((row) => row.cells[0].textContent),
      datasets: [{ label: box.dataset.label, data: rows.map((row) => Number(row.dataset.count)), backgroundColor: color("--accent"), borderRadius: 4, maxBarThickness: 56 }],
    },
    options: {
      maintainAspectRatio: false, animation: false, plugins: { legend: { display: false } },
      scales: {
        x: { reverse: isBackwards, ticks: { color: color("--soft") }, grid: { display: false } },
        y: { beginAtZero: true, position: isBackwards ? "right" : "left", ticks: { precision: 0, color: color("--soft") }, grid: { color: color("--line") } },
      },
    },
  });
}

if (box) {
  load().then((Chart) => {
    let chart = draw(Chart);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { chart.destroy(); chart = draw(Chart); });
  }).catch(() => { box.remove(); document.getElementById("hour-table").open = true; });
}
document.getElementById("date")?.addEventListener("change", (event) => { if (event.target.value) event.target.form.requestSubmit(); });
