// Every call of the clients that Node has, unmodified, to a running server.
// node clients.mjs HOST WRITE_KEY, in a folder where they are installed.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const [host, key] = process.argv.slice(2);
const here = createRequire(pathToFileURL(path.join(process.cwd(), 'package.json')));
const failed = [];

async function segment() {
  const { Analytics } = here('@segment/analytics-node');
  const client = new Analytics({ writeKey: key, host, flushAt: 3 });
  client.on('error', (error) => failed.push(['@segment/analytics-node', String(error.reason ?? error)]));
  const userId = 'segment-node';
  client.page({ anonymousId: 'sn-browser', name: 'Pricing', category: 'Shop' });
  client.identify({ userId, anonymousId: 'sn-browser', traits: { email: 'sn@example.com', name: 'Ada Lovelace' } });
  client.track({ userId, event: 'Order Completed', properties: { total: 12.5 } });
  client.screen({ userId, name: 'Home' });
  client.group({ userId, groupId: 'acme', traits: { name: 'Acme' } });
  client.alias({ userId, previousId: 'sn-old' });
  await client.closeAndFlush();
}

async function old() {
  const Analytics = here('analytics-node');
  const client = new Analytics(key, { host, flushAt: 3 });
  const userId = 'old-node';
  client.page({ anonymousId: 'on-browser', name: 'Pricing', category: 'Shop' });
  client.identify({ userId, anonymousId: 'on-browser', traits: { email: 'on@example.com', name: 'Ada Lovelace' } });
  client.track({ userId, event: 'Order Completed', properties: { total: 12.5 } });
  client.screen({ userId, name: 'Home' });
  client.group({ userId, groupId: 'acme', traits: { name: 'Acme' } });
  client.alias({ userId, previousId: 'on-old' });
  await new Promise((done) => client.flush((error) => { if (error) failed.push(['analytics-node', String(error)]); done(); }));
}

async function rudder() {
  const found = here('@rudderstack/rudder-sdk-node');
  const Analytics = found.default ?? found;
  const client = new Analytics(key, { dataPlaneUrl: host, flushAt: 3 });
  const userId = 'rudder-node';
  client.page({ anonymousId: 'rn-browser', name: 'Pricing', category: 'Shop' });
  client.identify({ userId, anonymousId: 'rn-browser', traits: { email: 'rn@example.com', name: 'Ada Lovelace' } });
  client.track({ userId, event: 'Order Completed', properties: { total: 12.5 } });
  client.screen({ userId, name: 'Home' });
  client.group({ userId, groupId: 'acme', traits: { name: 'Acme' } });
  client.alias({ userId, previousId: 'rn-old' });
  await client.flush().catch((error) => failed.push(['@rudderstack/rudder-sdk-node', String(error)]));
}

async function posthog() {
  const { PostHog } = here('posthog-node');
  const client = new PostHog(key, { host, flushAt: 3 });
  client.on?.('error', (error) => failed.push(['posthog-node', String(error)]));
  const distinctId = 'posthog-node';
  client.identify({ distinctId, properties: { $set: { email: 'pn@example.com', name: 'Ada Lovelace' } } });
  client.capture({ distinctId, event: 'Order Completed', properties: { total: 12.5 } });
  client.capture({ distinctId, event: '$pageview', properties: { $current_url: 'https://example.com/pricing' } });
  client.groupIdentify({ groupType: 'company', groupKey: 'acme', properties: { name: 'Acme' }, distinctId });
  client.alias({ distinctId, alias: 'pn-new' });
  await client.shutdown();
}

for (const send of [segment, old, rudder, posthog]) await send();
if (failed.length) { console.error(JSON.stringify(failed)); process.exit(1); }
setTimeout(() => process.exit(0), 500);
