import { slot, type EnrolledAsset, type JsonObject, type Meter, type SiteReport, type Wh } from '@flexledger/domain';
import type { SigningKey } from '../client/keys';
import type { VtnClient } from './clients';
import type { EventView, FlexibilityReadings, SignedAnswer, SiteReportContent, SupportView, VtnSigner } from './port';
import { availabilityOf } from './report-availability';
import { energiesOf, type ReportedEnergy } from './report-energy';
import type { ReportRequest } from './report-schema';

/** What filings are made with. */
export interface FilingOptions {
  readonly readings: Pick<FlexibilityReadings, 'participant' | 'currentSlot' | 'enrolment' | 'programmes' | 'meter'>;
  readonly answers: VtnSigner;
  /** The key of the prosumer of this name. */
  readonly keyOf: (name: string) => SigningKey;
  /** The key of a meter where this gateway keeps it. */
  readonly meterKeyOf: (meterId: string) => SigningKey | undefined;
}

/** The commands that a report leads to beside its answer to the event, and why something of it stays with the VTN alone. */
export interface Filings {
  readonly commands: readonly SignedAnswer[];
  readonly kept: readonly string[];
}

interface Subject {
  readonly client: VtnClient;
  readonly report: ReportRequest;
  readonly about: EventView | SupportView;
  readonly commandIdOf: (label: string) => string;
}

/** A meter that may sign for a device: the key is kept here, and is the meter's own on the ledger. */
interface SigningMeter {
  readonly meterId: Meter['meterId'];
  readonly keyVersion: number;
  readonly key: SigningKey;
}

/**
 * Signs what the energies and the availability in a report mean for the ledger. Nothing is signed for a prosumer that is not registered as
 * custodial, nor with a key that is not the one on the ledger: then the report stays with the VTN.
 */
export class ReportFiling {
  readonly #options: FilingOptions;

  constructor(options: FilingOptions) {
    this.#options = options;
  }

  async sign(subject: Subject): Promise<Filings> {
    const { about, client, report } = subject;
    const { readings } = this.#options;
    const [enrolment, currentSlot] = await Promise.all([
      readings.enrolment(about.programmeId, client.participantId),
      readings.currentSlot(),
    ]);
    const { energies, kept } = energiesOf(report, enrolment?.assets ?? [], currentSlot);
    const sites = await this.#siteReports(subject, energies);
    const availability = await this.#availability(subject, currentSlot);
    return {
      commands: [...sites.commands, ...availability.commands],
      kept: [...kept, ...sites.kept, ...availability.kept],
    };
  }

  async #siteReports(subject: Subject, energies: readonly ReportedEnergy[]): Promise<Filings> {
    if (energies.length === 0) return { commands: [], kept: [] };
    const { custodial } = await this.#options.readings.participant(subject.client.participantId);
    if (!custodial) return { commands: [], kept: ["the prosumer's own agent reports from the site"] };
    const groups = new Map<string, { readonly meter: SigningMeter; readonly energies: ReportedEnergy[] }>();
    let isUnsigned = false;
    for (const energy of energies) {
      const meter = await this.#meterFor(subject, energy.asset);
      isUnsigned ||= meter === undefined;
      if (meter === undefined) continue;
      const place = `${meter.meterId}/${energy.startSlot}/${energy.importWh.length}`;
      const group = groups.get(place) ?? { meter, energies: [] };
      group.energies.push(energy);
      groups.set(place, group);
    }
    const commands = await Promise.all(
      [...groups].map(([place, { energies: ofMeter, meter }]) =>
        this.#options.answers.signSiteReport(contentOf(meter, ofMeter), meter.key, subject.commandIdOf(place)),
      ),
    );
    return { commands, kept: isUnsigned ? ['no key of the meter of a resource is kept here'] : [] };
  }

  /** The device's own meter, or one of those of the event. */
  async #meterFor({ about, client }: Subject, asset: EnrolledAsset): Promise<SigningMeter | undefined> {
    const ofEvent = 'meterIds' in about ? about.meterIds : [];
    for (const meterId of asset.meterId === undefined ? ofEvent : [asset.meterId]) {
      const key = this.#options.meterKeyOf(meterId);
      const meter = key === undefined ? undefined : await this.#options.readings.meter(meterId);
      const signing = key === undefined || meter === undefined ? undefined : signingMeter(meter, key, client);
      if (signing !== undefined) return signing;
    }
    return undefined;
  }

  async #availability({ about, client, commandIdOf, report }: Subject, currentSlot: number): Promise<Filings> {
    const { programmeId } = about;
    const { answers, readings } = this.#options;
    const [enrolment, programmes] = await Promise.all([
      readings.enrolment(programmeId, client.participantId),
      readings.programmes(),
    ]);
    const programme = programmes.find((one) => one.programmeId === programmeId);
    if (programme === undefined || enrolment?.state !== 'ACTIVE') return { commands: [], kept: [] };
    const found = availabilityOf(report, enrolment, programme.terms.direction, currentSlot);
    if ('nothing' in found) return { commands: [], kept: [] };
    if ('kept' in found) return { commands: [], kept: [found.kept] };
    const key = await this.#prosumerKey(client);
    if (key === undefined) return { commands: [], kept: ["the prosumer's own agent says when it can be called"] };
    const unavailable = found.unavailable.map(({ fromSlot, toSlot }): JsonObject => ({ fromSlot, toSlot }));
    const commandId = commandIdOf('availability');
    return { commands: [await answers.signAvailability({ programmeId, unavailable }, key, commandId)], kept: [] };
  }

  /** The key that is kept for a custodial prosumer, where it is the one on the ledger. */
  async #prosumerKey({ key, participantId }: VtnClient): Promise<SigningKey | undefined> {
    const { custodial, publicKey } = await this.#options.readings.participant(participantId);
    const signingKey = key === undefined || !custodial ? undefined : this.#options.keyOf(key);
    return signingKey?.publicKey === publicKey ? signingKey : undefined;
  }
}

/** The meter with its key, where it is the client's own and in service, and the key is one of its own. */
function signingMeter(meter: Meter, key: SigningKey, { participantId }: VtnClient): SigningMeter | undefined {
  const { keys, meterId, status } = meter;
  if (meter.participantId !== participantId || status !== 'COMMISSIONED') return undefined;
  const keyVersion = keys.find(({ publicKey }) => publicKey === key.publicKey)?.version;
  return keyVersion === undefined ? undefined : { meterId, keyVersion, key };
}

function contentOf(meter: SigningMeter, energies: readonly ReportedEnergy[]): SiteReportContent {
  const [first] = energies;
  const devices: SiteReport['devices'] = energies.map(({ asset, exportWh, importWh }) => ({
    assetId: asset.assetId,
    importWh: [...importWh] as Wh[],
    exportWh: [...exportWh] as Wh[],
  }));
  const { keyVersion, meterId } = meter;
  return { meterId, keyVersion, startSlot: slot(first?.startSlot ?? 0), slots: first?.importWh.length ?? 0, devices };
}
