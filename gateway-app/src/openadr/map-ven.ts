import type { Enrolment } from '@flexledger/domain';
import type { VtnClient } from './clients';
import type { Resource, Unstamped, Ven } from './wire';

/** What a VEN has been granted: what is meant for its prosumer, and the programmes in which that takes part. */
export function grantedTargets(participantId: string, enrolments: readonly Enrolment[]): readonly string[] {
  return [participantId, ...enrolments.map(({ programmeId }) => programmeId)];
}

/** A client of the kind `ven` as the ven of its prosumer. */
export function venOf({ clientId, name, participantId }: VtnClient, enrolments: readonly Enrolment[]): Unstamped<Ven> {
  const targets = grantedTargets(participantId, enrolments);
  return { id: participantId, body: { objectType: 'VEN', clientID: clientId, venName: name, targets } };
}

/** The assets that a prosumer has enrolled, each once, as the resources of its ven. */
export function resourcesOf(
  { clientId, participantId }: VtnClient,
  enrolments: readonly Enrolment[],
): readonly Unstamped<Resource>[] {
  const assets = new Map(enrolments.flatMap((enrolment) => enrolment.assets.map((asset) => [asset.assetId, asset])));
  return [...assets.values()].map(({ assetId, kind }) => ({
    id: assetId,
    body: {
      objectType: 'RESOURCE',
      clientID: clientId,
      venID: participantId,
      resourceName: assetId,
      targets: enrolments
        .filter((enrolment) => enrolment.assets.some((asset) => asset.assetId === assetId))
        .map(({ programmeId }) => programmeId),
      attributes: [{ type: 'DESCRIPTION', values: [kind] }],
    },
  }));
}
