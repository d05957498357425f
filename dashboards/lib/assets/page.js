// What every page does besides showing figures: its links keep what pages share, its link can be
// copied, its first paint goes when the page has come, and a page whose server is gone says so.
(() => {
    "use strict";
    const SHARED = ["period", "from", "to", "region", "state"];
    const script = document.currentScript;
    const gone = document.querySelector(".dw-gone");

    // Links to other pages take along what is chosen here and can be chosen there. It is looked
    // up when a link is about to be used: choices change the address meanwhile.
    const carry = event => {
        const link = event.target.closest?.("[data-pages] a");
        if (!link) return;
        const here = new URLSearchParams(location.search);
        const kept = new URLSearchParams(
            [...here].filter(([name, value]) => SHARED.includes(name) && value !== ""));
        link.search = kept.toString();
    };
    for (const kind of ["pointerdown", "focusin", "click"])
        document.addEventListener(kind, carry, true);

    const say = async (button, words) => {
        const before = button.textContent;
        button.textContent = words;
        setTimeout(() => { button.textContent = before; }, 2000);
    };
    document.addEventListener("click", event => {
        if (event.target.closest?.("[data-reload]")) location.reload();
        const button = event.target.closest?.("[data-copy]");
        if (!button || button.textContent !== "Copy link") return;
        // Without encryption browsers offer no clipboard but to this machine's own pages.
        const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject();
        copied.then(() => say(button, "Copied"), () => prompt("The link:", location.href));
    });

    const root = document.getElementById("root");
    if (!root) return;

    // Each part of the first paint goes when its like has come.
    const first = document.querySelector("[data-first]");
    const come = new MutationObserver(() => {
        for (const part of first.querySelectorAll("[data-until]"))
            if (root.querySelector(part.dataset.until)) part.remove();
        if (root.querySelector(".dw-tiles, .dw-message, .dw-answer, .dw-card")) {
            come.disconnect();
            first.remove();
            // The section of the address is there only now.
            const asked = location.hash && document.getElementById(location.hash.slice(1));
            if (asked) asked.scrollIntoView();
        }
    });
    come.observe(root, {childList: true, subtree: true});

    // The way back leads through the choices: marimo keeps them in the address, and reads it when
    // it begins. A change of the section alone is none.
    let shown = location.search;
    new MutationObserver(() => { shown = location.search; })
        .observe(root, {childList: true, subtree: true});
    addEventListener("popstate", () => { if (location.search !== shown) location.reload(); });

    // A page lives as long as its server: the start that made it is named in it. It asks when
    // something it sent was not answered, and when marimo says that the connection is lost.
    const show = words => {
        gone.querySelector("p").textContent = words;
        gone.hidden = words === "";
    };
    let isAsking = false;
    const look = async isRefused => {
        if (isAsking) return;
        isAsking = true;
        try {
            const answer = await fetch("/started", {cache: "no-store"});
            const started = await answer.text();
            if (started !== script.dataset.server)
                show("The server was restarted, and this page may have lost what you chose. "
                    + "Reload it to go on.");
            else if (isRefused)
                show("The server has closed this page, because it was left for long. Reload "
                    + "it to go on.");
            else show("");
        } catch {
            show("The server cannot be reached: it was stopped, or the network is gone. What "
                + "you see stays, and nothing can be chosen. Reload the page when it is back.");
            setTimeout(() => look(isRefused), 3000);
        } finally {
            isAsking = false;
        }
    };
    new PerformanceObserver(list => {
        for (const one of list.getEntries())
            if (one.name.includes("/api/") && (one.responseStatus === 0 || one.responseStatus >= 400))
                look(true);
    }).observe({type: "resource"});
    let wasOpen = false;
    new MutationObserver(() => {
        const state = document.getElementById("App")?.dataset.connectionState;
        if (state === "OPEN" && !wasOpen) {
            wasOpen = true;
            if (!gone.hidden) look(false);
        } else if (state !== undefined && state !== "OPEN" && wasOpen) {
            wasOpen = false;
            setTimeout(() => look(false), 500);
        }
    }).observe(root, {subtree: true, attributeFilter: ["data-connection-state"]});

    // Plotly draws in the pixels of the screen: on paper its drawings take the width of the card.
    addEventListener("beforeprint", () => {
        for (const plot of document.querySelectorAll("marimo-plotly"))
            for (const box of plot.shadowRoot?.querySelectorAll(".svg-container") ?? []) {
                const {offsetWidth: width, offsetHeight: height} = box;
                if (!width || !height) continue;
                box.style.aspectRatio = `${width} / ${height}`;
                for (const drawing of box.querySelectorAll(":scope > .main-svg"))
                    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
            }
    });
    addEventListener("afterprint", () => {
        for (const plot of document.querySelectorAll("marimo-plotly"))
            for (const drawing of plot.shadowRoot?.querySelectorAll(".main-svg") ?? [])
                drawing.removeAttribute("viewBox");
    });
})();
