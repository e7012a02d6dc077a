// The programs of an operation. They are on its plain pages, from which this script loads them on demand.
import { defineComponent, h, ref } from "vue";

const LANGUAGE = "rollcall-language";

/** Loads the plain page at an address as a document that is not shown. */
async function pageAt(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`could not load ${address}: status ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const links = (page, name) =>
  [...page.querySelectorAll(`nav[aria-label="${name}"] a`)].map((link) => ({
    text: link.textContent,
    address: link.getAttribute("href"),
    here: link.hasAttribute("aria-current"),
  }));

export const Programs = defineComponent({
  props: { xReferencePage: { type: String, required: true } },
  setup(props) {
    const operation = props.xReferencePage;
    const state = ref({ choices: [], program: "", address: operation, problem: "" });

    // If two pages are being loaded, the one requested last counts, whichever arrives first.
    let asked = 0;

    /** Shows the program on a page, or says why it cannot. */
    async function show(find) {
      const turn = ++asked;
      try {
        const address = await find();
        const page = await pageAt(address);
        if (turn !== asked) return;
        const choices = links(page, "Languages").flatMap((language) => {
          const libraries = language.here ? links(page, "Libraries").slice(1) : [];
          const others = libraries.map((library) => ({ ...library, text: `${language.text}, ${library.text}` }));
          const chilkat = others.some((other) => other.here);
          return [{ ...language, here: language.here && !chilkat }, ...others];
        });
        const program = page.querySelector('pre[aria-label="Program"] code')?.innerHTML ?? "";
        state.value = { choices, program, address, problem: "" };
      } catch (problem) {
        if (turn === asked) state.value = { ...state.value, problem: problem.message };
      }
    }

    /** The first time: in the language chosen last, otherwise in the first one. */
    function open(event) {
      if (!event.target.open || state.value.program) return;
      show(async () => {
        const languages = links(await pageAt(operation), "Languages");
        const last = localStorage.getItem(LANGUAGE);
        return (languages.find((language) => language.text === last) ?? languages[0]).address;
      });
    }

    function choose(event) {
      const chosen = state.value.choices[event.target.selectedIndex];
      localStorage.setItem(LANGUAGE, chosen.text);
      show(async () => chosen.address);
    }

    return () => {
      const { choices, program, address, problem } = state.value;
      const option = (choice) => h("option", { value: choice.address, selected: choice.here }, choice.text);
      return h("details", { class: "programs", onToggle: open }, [
        h("summary", "Programs"),
        problem && h("p", { role: "alert" }, problem),
        choices.length > 0 && [
          h("div", { class: "choose" }, [
            h("select", { "aria-label": "Language", onChange: choose }, choices.map(option)),
            h("a", { href: address }, "Open as a page"),
          ]),
          // Our own server's page, in which everything is already escaped.
          h("pre", { tabindex: 0 }, [h("code", { innerHTML: program })]),
        ],
      ]);
    };
  },
});
