import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { VtnClient } from './clients';
import type { Library } from './library';
import { Problem } from './problem';
import { checked, checkedId, pageOf, QUERIES } from './queries';
import type { ReportDesk } from './report-desk';
import { reportRequestSchema } from './report-schema';
import { metadata, type StoredReport, type VtnStore } from './store';
import type { Session } from './tokens';

/** What the routes work with. */
export interface RouteParts {
  readonly library: Library;
  readonly desk: ReportDesk;
  readonly store: VtnStore;
  /** Who sends a request, if it may do one of these. @throws Problem 401 | 403 */
  readonly allowed: (request: FastifyRequest, scopes: readonly string[]) => Session;
}

type Body = Readonly<Record<string, unknown>>;

const READ_TARGETED = ['read_targets', 'read_all'];
const READ_OWN = ['read_ven_objects', 'read_all'];

/** Reading programs, events, vens and resources. */
export function addReadRoutes(app: FastifyInstance, { allowed, library }: RouteParts): void {
  app.get('/programs', async (request) => {
    const { client } = allowed(request, READ_TARGETED);
    const query = checked(QUERIES.programs, request.query);
    return pageOf(await library.programs(client, query.targets), query);
  });
  app.get('/programs/:id', async (request) => {
    const { client } = allowed(request, READ_TARGETED);
    return one(await library.programs(client, []), request);
  });
  app.get('/events', async (request) => {
    const { client } = allowed(request, READ_TARGETED);
    const query = checked(QUERIES.events, request.query);
    return pageOf(await library.events(client, query), query);
  });
  app.get('/events/:id', async (request) => {
    const { client } = allowed(request, READ_TARGETED);
    return one(await library.events(client, { targets: [], active: false }), request);
  });
  app.get('/vens', async (request) => {
    const { client } = allowed(request, READ_OWN);
    const query = checked(QUERIES.vens, request.query);
    const vens = await library.vens(client, query.targets);
    return pageOf(vens.filter(is('venName', query.venName)), query);
  });
  app.get('/vens/:id', async (request) => one(await library.vens(allowed(request, READ_OWN).client), request));
  app.get('/resources', async (request) => {
    const { client } = allowed(request, READ_OWN);
    const query = checked(QUERIES.resources, request.query);
    const resources = await library.resources(client, query.targets);
    const wanted = resources.filter(is('resourceName', query.resourceName)).filter(is('venID', query.venID));
    return pageOf(wanted, query);
  });
  app.get('/resources/:id', async (request) =>
    one(await library.resources(allowed(request, READ_OWN).client), request),
  );
}

/** Reports: VENs write their own, the business logic of an aggregator reads those about its events. */
export function addReportRoutes(app: FastifyInstance, { allowed, desk, store }: RouteParts): void {
  const readable = async ({ clientId, kind, participantId }: VtnClient): Promise<readonly StoredReport[]> =>
    kind === 'ven'
      ? store.reports(clientId)
      : (await store.reports()).filter(({ aggregatorId }) => aggregatorId === participantId);
  const known = async (client: VtnClient, request: FastifyRequest): Promise<StoredReport> => {
    const reportId = idOf(request);
    const report = (await readable(client)).find((stored) => stored.reportId === reportId);
    if (report === undefined) throw new Problem(404, `there is no report ${reportId} for this client`);
    return report;
  };

  app.get('/reports', async (request) => {
    const { client } = allowed(request, READ_OWN);
    const query = checked(QUERIES.reports, request.query);
    const wanted = (await readable(client))
      .filter(is('programId', query.programID))
      .filter(({ report }) => query.eventID === undefined || report.eventID === query.eventID)
      .filter(({ report }) => query.clientName === undefined || report.clientName === query.clientName);
    return pageOf(wanted, query).map(reportBody);
  });
  app.get('/reports/:id', async (request) => reportBody(await known(allowed(request, READ_OWN).client, request)));
  app.post('/reports', async (request, reply) => {
    const { client } = allowed(request, ['write_reports']);
    const stored = await desk.create(client, checked(reportRequestSchema, request.body));
    return reply.code(201).headers(outcomeOf(stored)).send(reportBody(stored));
  });
  app.put('/reports/:id', async (request, reply) => {
    const { client } = allowed(request, ['write_reports']);
    const existing = await known(client, request);
    const stored = await desk.update(client, existing, checked(reportRequestSchema, request.body));
    return reply.headers(outcomeOf(stored)).send(reportBody(stored));
  });
  app.delete('/reports/:id', async (request) => {
    const { client } = allowed(request, ['write_reports']);
    const report = await known(client, request);
    await store.removeReport(report);
    return reportBody(report);
  });
}

/** What is written elsewhere, and why; and what this VTN does not have. */
export function addRefusedRoutes(app: FastifyInstance, { allowed }: RouteParts): void {
  const refuse = (path: string, scopes: readonly string[], why: string): void => {
    const handler = (request: FastifyRequest): never => {
      allowed(request, scopes);
      throw new Problem(403, why);
    };
    app.post(path, handler);
    app.put(`${path}/:id`, handler);
    app.delete(`${path}/:id`, handler);
  };
  refuse('/programs', ['write_programs'], 'programs are the programmes of the ledger: flexibility:createProgramme');
  refuse('/events', ['write_events'], 'events follow from orders on the ledger: flexibility:signalEvents');
  refuse(
    '/vens',
    ['write_vens'],
    'a ven is a prosumer on the ledger; its operator adds it (flexledger openadr client add)',
  );
  refuse('/resources', ['write_vens'], 'resources are the assets that a prosumer has enrolled: flexibility:enrol');
  for (const path of ['/subscriptions', '/subscriptions/*', '/notifiers', '/notifiers/*']) {
    app.all(path, (request) => {
      allowed(request, ['read_targets', 'read_all', 'write_subscriptions']);
      throw new Problem(501, 'this VTN notifies nobody; ask for events again from time to time');
    });
  }
}

function idOf({ params }: FastifyRequest): string {
  return checkedId((params as { readonly id?: string }).id);
}

function one<T extends { readonly id: string }>(objects: readonly T[], request: FastifyRequest): T {
  const id = idOf(request);
  const object = objects.find((candidate) => candidate.id === id);
  // What a client may not see is not there for it.
  if (object === undefined) throw new Problem(404, `there is no object ${id} for this client`);
  return object;
}

function is<K extends string>(
  member: K,
  wanted: string | undefined,
): (object: Readonly<Record<K, unknown>>) => boolean {
  return (object) => wanted === undefined || object[member] === wanted;
}

/** What became of a report beyond the VTN, in headers: the standard's report has no place for it. */
function outcomeOf({ answer, filings = [], kept = [] }: StoredReport): Readonly<Record<string, string>> {
  const refused = kept.filter((reason) =>
    filings.some(({ transaction }) => reason.startsWith(`${transaction} `)),
  ).length;
  const filed = filings.slice(0, filings.length - refused).map(({ transaction }) => transaction);
  const onLedger = [...(answer === undefined ? [] : [answer.transaction]), ...filed];
  return {
    'flexledger-on-ledger': onLedger.length === 0 ? 'nothing' : onLedger.join(', '),
    ...(kept.length === 0 ? {} : { 'flexledger-kept': kept.join('; ') }),
  };
}

function reportBody({ clientId, report, reportId, ...times }: StoredReport): Body {
  return { ...metadata(reportId, times), ...report, objectType: 'REPORT', clientID: clientId };
}
