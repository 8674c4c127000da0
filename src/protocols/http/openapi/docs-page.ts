// The reference page at /docs: static, without anything from elsewhere; its script reads /openapi.json as the browser's user.
// Whatever comes from the store is set as text, never as HTML.

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
  h2 { margin-top: 2rem; border-bottom: 1px solid #ccc } summary { cursor: pointer } details { margin: .3rem 0 }
  code, pre { font: 13px/1.4 ui-monospace, monospace } pre { background: #f4f4f4; padding: .6rem; overflow: auto; max-height: 30rem }
  .method { display: inline-block; min-width: 4.5rem; font-weight: 600; text-transform: uppercase }
  form { margin: 1rem 0 } input { font: inherit; margin-right: .5rem } .error { color: #a00 }
  @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } pre { background: #242424 } .error { color: #f88 } }`;

const script = `
  'use strict';
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const block = (title, value) => [element('div', { textContent: title }), element('pre', { textContent: JSON.stringify(value, null, 2) })];
  const show = (description) => {
    const sections = new Map();
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        const tag = operation.tags?.[0] ?? '';
        if (!sections.has(tag)) sections.set(tag, []);
        const parts = [element('summary', {}, element('span', { className: 'method', textContent: method }), element('code', { textContent: path }), ' ', operation.summary ?? '')];
        if (operation.parameters) parts.push(...block('Parameters', operation.parameters));
        if (operation.requestBody) parts.push(...block('Body', operation.requestBody.content));
        parts.push(...block('Answers', operation.responses));
        sections.get(tag).push(element('details', {}, ...parts));
      }
    }
    const main = document.querySelector('main');
    main.replaceChildren();
    for (const [tag, entries] of sections) main.append(element('h2', { textContent: tag }), ...entries);
    const schemas = Object.entries(description.components.schemas);
    main.append(element('h2', { textContent: 'Schemas' }), ...schemas.map(([name, schema]) => element('details', {}, element('summary', { textContent: name }), ...block('', schema))));
  };
  const load = async (authorization) => {
    const response = await fetch('openapi.json', authorization ? { headers: { authorization } } : {});
    const body = await response.json();
    if (response.ok) return show(body);
    document.querySelector('main').replaceChildren(element('p', { className: 'error', textContent: body.title + (body.detail ? ': ' + body.detail : '') }));
  };
  document.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const { role, password } = event.target.elements;
    load('Basic ' + btoa(String.fromCodePoint(...new TextEncoder().encode(role.value + ':' + password.value))));
  });
  load();`;

const docsHtml = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>FacetDB: reference</title>
<link rel="stylesheet" href="docs/style.css">
<h1>FacetDB</h1>
<p>What a role can do here, as <a href="openapi.json">OpenAPI</a>. Tables, views and collections are those that the role can see.</p>
<form><input name="role" placeholder="role" autocomplete="username" required><input name="password" type="password" placeholder="password" autocomplete="current-password"><button>Show</button></form>
<main></main>
<script src="docs/script.js"></script>
</html>
`;

/** Path → type and content. */
export const docsFiles: readonly { readonly path: string; readonly type: string; readonly content: string }[] = [
  { path: '/docs', type: 'text/html; charset=utf-8', content: docsHtml },
  { path: '/docs/style.css', type: 'text/css; charset=utf-8', content: style },
  { path: '/docs/script.js', type: 'text/javascript; charset=utf-8', content: script },
];

export const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
