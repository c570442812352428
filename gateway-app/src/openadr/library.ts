import type { Enrolment, Programme } from '@flexledger/domain';
import type { ClientFile, VtnClient } from './clients';
import { eventOf, supportEventOf } from './map-event';
import { programOf } from './map-program';
import { grantedTargets, resourcesOf, venOf } from './map-ven';
import type { FlexibilityReadings } from './port';
import type { VtnStore } from './store';
import { visible } from './targets';
import type { Event, Program, Resource, Stamped, Unstamped, Ven } from './wire';

/** What the library is made of. */
export interface LibraryOptions {
  readonly readings: FlexibilityReadings;
  readonly clients: Pick<ClientFile, 'list'>;
  readonly store: VtnStore;
}

/** How events can be narrowed. */
export interface EventFilter {
  readonly targets: readonly string[];
  readonly programID?: string | undefined;
  /** Leaves out events that are over. */
  readonly active: boolean;
}

/**
 * The objects of OpenADR as one client may see them, from the ledger as it is now, in the order of their ids. A VEN sees what is meant for
 * its prosumer; the business logic of an aggregator sees the aggregator's own programmes, their events and the VENs enrolled in them,
 * and nobody else's.
 */
export class Library {
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  async programs(client: VtnClient, targets: readonly string[]): Promise<readonly Stamped<Program>[]> {
    const { readings } = this.#options;
    const [all, { currency }] = await Promise.all([readings.programmes(), readings.tradeTerms()]);
    return this.#seen(
      client,
      ownProgrammes(client, all).map((programme) => programOf(programme, all, currency)),
      targets,
    );
  }

  async events(client: VtnClient, { active, programID, targets }: EventFilter): Promise<readonly Stamped<Event>[]> {
    const { readings } = this.#options;
    const [rows, supports, currentSlot, terms] = await Promise.all([
      this.#ofAll(client, (participantId) => readings.events(participantId)),
      this.#ofAll(client, (participantId) => readings.supports(participantId)),
      readings.currentSlot(),
      readings.tradeTerms(),
    ]);
    const isWanted = (programmeId: string, lastSlot: number): boolean =>
      (programID === undefined || programmeId === programID) && (!active || lastSlot >= currentSlot);
    const wanted = [
      ...rows.filter(({ lastSlot, programmeId }) => isWanted(programmeId, lastSlot)).map((row) => eventOf(row, terms)),
      ...supports
        .filter(({ firstSlot, programmeId, slots }) => isWanted(programmeId, firstSlot + slots - 1))
        .map((row) => supportEventOf(row, terms)),
    ].filter((event) => event !== undefined);
    return this.#seen(client, wanted, targets);
  }

  async vens(client: VtnClient, targets: readonly string[] = []): Promise<readonly Stamped<Ven>[]> {
    const vens = (await this.#enrolledClients(client)).map(({ enrolments, ven }) => venOf(ven, enrolments));
    return this.#withTargets(vens, targets);
  }

  async resources(client: VtnClient, targets: readonly string[] = []): Promise<readonly Stamped<Resource>[]> {
    const rows = (await this.#enrolledClients(client)).flatMap(({ enrolments, ven }) => resourcesOf(ven, enrolments));
    return this.#withTargets(rows, targets);
  }

  /** VENs that a client may see, with their enrolments: of a VEN itself, of business logic those in its own programmes. */
  async #enrolledClients(
    client: VtnClient,
  ): Promise<readonly { readonly ven: VtnClient; readonly enrolments: readonly Enrolment[] }[]> {
    const programmes = ownProgrammes(client, await this.#options.readings.programmes());
    if (client.kind === 'ven') return [{ ven: client, enrolments: await this.#enrolmentsOf(client, programmes) }];
    const { clients, readings } = this.#options;
    const lists = await Promise.all(programmes.map(({ programmeId }) => readings.enrolments(programmeId)));
    const active = lists.flat().filter(({ state }) => state === 'ACTIVE');
    return clients
      .list()
      .filter(({ kind }) => kind === 'ven')
      .map((ven) => ({ ven, enrolments: active.filter(({ participantId }) => participantId === ven.participantId) }))
      .filter(({ enrolments }) => enrolments.length > 0);
  }

  async #enrolmentsOf({ participantId }: VtnClient, programmes: readonly Programme[]): Promise<readonly Enrolment[]> {
    const rows = await Promise.all(
      programmes.map(({ programmeId }) => this.#options.readings.enrolment(programmeId, participantId)),
    );
    return rows.filter((row) => row?.state === 'ACTIVE').filter((row) => row !== undefined);
  }

  /** Rows of the client's own prosumer; for business logic, those of its aggregator of all prosumers with a VEN. */
  async #ofAll<T extends { readonly aggregatorId: string }>(
    client: VtnClient,
    read: (participantId: string) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    if (client.kind === 'ven') return read(client.participantId);
    const vens = this.#options.clients.list().filter(({ kind }) => kind === 'ven');
    const rows = await Promise.all(vens.map(({ participantId }) => read(participantId)));
    return rows.flat().filter(({ aggregatorId }) => aggregatorId === client.participantId);
  }

  /** Objects with targets as this client sees them. */
  async #seen<T extends { readonly targets: readonly string[] }>(
    client: VtnClient,
    objects: readonly Unstamped<T>[],
    requested: readonly string[],
  ): Promise<readonly Stamped<T>[]> {
    const granted = client.kind === 'ven' ? await this.#granted(client) : undefined;
    const stamped = await Promise.all(byId(objects).map((object) => this.#options.store.stamp(object)));
    return stamped.map((object) => visible(object, { granted, requested })).filter((object) => object !== undefined);
  }

  async #granted(client: VtnClient): Promise<ReadonlySet<string>> {
    const programmes = await this.#options.readings.programmes();
    return new Set(grantedTargets(client.participantId, await this.#enrolmentsOf(client, programmes)));
  }

  /** Vens and resources are a client's own already; here targets only narrow the list. */
  async #withTargets<T extends { readonly targets: readonly string[] }>(
    objects: readonly Unstamped<T>[],
    requested: readonly string[],
  ): Promise<readonly Stamped<T>[]> {
    const stamped = await Promise.all(byId(objects).map((object) => this.#options.store.stamp(object)));
    return stamped.filter(
      ({ targets }) => requested.length === 0 || targets.some((target) => requested.includes(target)),
    );
  }
}

function ownProgrammes(client: VtnClient, all: readonly Programme[]): readonly Programme[] {
  return client.kind === 'ven' ? all : all.filter(({ aggregatorId }) => aggregatorId === client.participantId);
}

function byId<T>(objects: readonly Unstamped<T>[]): readonly Unstamped<T>[] {
  return [...objects].sort((left, right) => (left.id < right.id ? -1 : 1));
}
