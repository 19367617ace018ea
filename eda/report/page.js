// Values under the pointer, and the choice of conditions. Everything is drawn already: without this the page is whole.
(() => {
  const root = document.currentScript?.closest(".eda");
  if (!root) return;

  for (const figure of root.querySelectorAll("figure[data-plot]")) {
    const panels = JSON.parse(figure.querySelector("script").textContent);
    const svg = figure.querySelector("svg");
    const tip = figure.appendChild(document.createElement("div"));
    tip.className = "tip";
    const hide = () => { tip.style.display = "none"; };
    const shown = (series) => !series.id || !root.querySelector("#" + CSS.escape(series.id))?.classList.contains("dim");

    figure.addEventListener("pointerleave", hide);
    figure.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const panel = panels.find(({ box: [x0, y0, x1, y1] }) => at.x >= x0 && at.x <= x1 && at.y >= y0 && at.y <= y1);
      if (!panel) return hide();
      const near = panel.series.filter((series) => series.x.length && shown(series)).map((series) => {
        let best = 0;
        series.x.forEach((x, n) => {
          const closer = Math.abs(x - at.x) - Math.abs(series.x[best] - at.x);
          if (closer < 0 || (closer === 0 && Math.abs(series.y[n] - at.y) < Math.abs(series.y[best] - at.y))) best = n;
        });
        return { series, best, away: Math.abs(series.y[best] - at.y) };
      });
      near.sort((one, other) => one.away - other.away);
      tip.replaceChildren(...near.slice(0, 4).map(({ series, best }, n) => {
        const line = document.createElement("div");
        line.textContent = (n ? "" : series.at[best] + ": ") + series.name + " " + series.values[best];
        return line;
      }));
      if (!near.length) return hide();
      const box = figure.getBoundingClientRect();
      tip.style.display = "block";
      const left = Math.max(0, Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth));
      tip.style.left = left + figure.scrollLeft + "px";
      tip.style.top = event.clientY - box.top + 14 + "px";
    });
  }

  const choice = root.querySelector("select[data-conditions]");
  choice?.addEventListener("change", () => {
    for (const part of root.querySelectorAll("[data-condition], [id*='condition-']")) {
      const mine = part.dataset.condition ?? part.id.split("condition-")[1];
      part.classList.toggle("dim", choice.value !== "all" && mine !== choice.value);
    }
  });
})();
