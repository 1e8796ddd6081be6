// A page that uses frontend-tracing.js as the React client does. It has a button for the feed, and raises errors.
import { inSpan } from '../../../frontend/frontend-tracing';

const backend = process.env.REACT_APP_BACKEND_URL;

async function loadData(path) {
  try {
    const res = await fetch(`${backend}${path}`, { method: 'GET' });
    const resJson = await res.json();
    document.title = `${res.status} ${resJson.length}`;
  } catch (err) {
    console.log(err);
  }
}

const actions = {
  home: () => loadData('/api/activities/home'),
  search: () => loadData('/api/activities/search?term=a-typed-word'),
  user: () => loadData('/api/activities/@a-typed-handle'),
  inSpan: () => inSpan('open the feed', () => loadData('/api/activities/home')),
  fail: async () => {
    await loadData('/api/activities/home');
    throw new TypeError('the feed has no names');
  },
};

for (const [name, act] of Object.entries(actions)) {
  const button = document.createElement('button');
  button.textContent = name;
  button.addEventListener('click', act);
  document.body.append(button);
}
