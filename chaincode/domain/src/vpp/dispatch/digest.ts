import { fromBase64Url, toBase64Url } from '../../base64url';
import { canonicalBytes, compareText } from '../../canonical-writer';
import { demand } from '../../errors';
import { present } from '../../assert';
import { hmacSha256 } from '../../digest';
import type { AssetId } from '../../ids';
import { leafHash, merkleRoot } from '../../merkle';
import type { DispatchRecord, OpenedMinutes, OpenedSetPoints } from './rows';
import type { AssetSetPoint } from './types';

/** Opens nothing: the root of a dispatch without a set-point. */
const emptyLeaf = Buffer.from('no set-points');

/**
 * The leaf of one set-point: its canonical JSON with a salt of its own (HMAC of the dispatch's salt and the asset), so that each agent can be
 * shown its own leaf and learns nothing of the others.
 */
export function setPointLeaf(salt: string, { assetId, powersW }: AssetSetPoint): Buffer {
  const bytes = present(fromBase64Url(salt), 'A salt is base64url.');
  const own = toBase64Url(hmacSha256(bytes, Buffer.from(assetId)));
  return canonicalBytes({ assetId, powersW: powersW.map(String), salt: own });
}

/** The leaves of set-points in the order of their assets. */
export function setPointLeaves(salt: string, setPoints: readonly AssetSetPoint[]): readonly Buffer[] {
  const ordered = [...setPoints].sort((left, right) => compareText(left.assetId, right.assetId));
  return ordered.length === 0 ? [emptyLeaf] : ordered.map((setPoint) => setPointLeaf(salt, setPoint));
}

/** The root over the set-points of a dispatch (RFC 9162). */
export function rootOfSetPoints(salt: string, setPoints: readonly AssetSetPoint[]): string {
  return toBase64Url(merkleRoot(setPointLeaves(salt, setPoints)));
}

/** The hash of an asset's leaf, which its agent acknowledges; undefined for an asset without a set-point. */
export function leafOfAsset({ salt, setPoints }: OpenedSetPoints, assetId: AssetId): string | undefined {
  const own = setPoints.find((setPoint) => setPoint.assetId === assetId);
  return own === undefined ? undefined : toBase64Url(leafHash(setPointLeaf(salt, own)));
}

/** Refuses set-points that are not those of a recorded dispatch (VPP_DISPATCH_MISMATCH). */
export function demandOpening({ activationId, revision, root }: DispatchRecord, opened: OpenedSetPoints): void {
  const isSame = rootOfSetPoints(opened.salt, opened.setPoints) === root;
  demand(isSame, 'VPP_DISPATCH_MISMATCH', { activationId, revision });
}

/** The commitment to the minutes of a pool in a quarter hour: a hash over their canonical JSON with the salt. */
export function commitmentOfMinutes({ minutes, salt }: OpenedMinutes): string {
  const written = minutes.map(({ exportW, importW }) => ({ exportW: exportW.toString(), importW: importW.toString() }));
  return toBase64Url(leafHash(canonicalBytes({ minutes: written, salt })));
}
