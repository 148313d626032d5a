extension PicturePage {
  /// The page's script: shows where a stream's copies are, and, where the page is live, brings it up to date without
  /// disturbing what somebody looks at.
  static let script = """
    (() => {
      "use strict";
      const lost = document.getElementById("lost");
      const picture = () => document.getElementById("picture");
      let picked = null;

      function pick(name) {
        picked = name;
        const row = [...document.querySelectorAll("tr.stream")].find(r => r.dataset.stream === name);
        const servers = new Set(row ? row.dataset.servers.split(" ") : []);
        const drawing = document.querySelector("svg");
        if (drawing) drawing.classList.toggle("picking", servers.size > 0);
        for (const tile of document.querySelectorAll(".server"))
          tile.classList.toggle("picked", servers.has(tile.dataset.server));
      }
      const rowOf = event => event.target.closest ? event.target.closest("tr.stream") : null;
      for (const kind of ["mouseover", "focusin"])
        document.addEventListener(kind, event => {
          const row = rowOf(event);
          if ((row ? row.dataset.stream : null) !== picked) pick(row ? row.dataset.stream : null);
        });

      // Changes only what differs: a tooltip, the focus and what is scrolled stay as they are.
      function bring(old, fresh) {
        if (old.isEqualNode(fresh)) return;
        if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
        if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
        for (const a of [...old.attributes]) if (!fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
        for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
        const before = [...old.childNodes], after = [...fresh.childNodes];
        for (let i = 0; i < after.length; i++) i < before.length ? bring(before[i], after[i]) : old.append(after[i]);
        for (const extra of before.slice(after.length)) extra.remove();
      }

      async function look() {
        try {
          const answer = await fetch("picture", { cache: "no-store", signal: AbortSignal.timeout(10000) });
          if (!answer.ok) throw new Error(answer.status);
          const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
          bring(picture(), parsed.getElementById("picture"));
          pick(picked);
          lost.hidden = true;
          document.body.classList.remove("lost");
        } catch {
          lost.textContent = "nbx does not answer any more. This is the picture of " + picture().dataset.taken + ".";
          lost.hidden = false;
          document.body.classList.add("lost");
        }
        setTimeout(look, 1000);
      }
      if (document.body.dataset.live === "yes") setTimeout(look, 1000);
    })();
    """
}
