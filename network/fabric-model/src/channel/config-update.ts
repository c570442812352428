import { common } from '@hyperledger/fabric-protos';

import { equalBytes } from '../common/bytes';
import { FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';

/** A map of named elements of a configuration group, as the protobuf library has them. */
interface ElementMap<Element> {
  get(name: string): Element | undefined;
  set(name: string, element: Element): unknown;
  forEach(visit: (element: Element, name: string) => void): void;
}

/** An element with its version, whatever its kind. */
interface Versioned {
  getVersion(): number;
  getModPolicy(): string;
}

/** How elements of one kind are compared and written. */
interface Kind<Element extends Versioned> {
  isEqual(original: Element, updated: Element): boolean;
  /** The element with this version and its whole content. */
  whole(updated: Element, version: number): Element;
  /** The element's version alone: it is read, not changed. */
  bare(version: number): Element;
}

const VALUES: Kind<common.ConfigValue> = {
  isEqual: (original, updated) => equalBytes(original.getValue_asU8(), updated.getValue_asU8()),
  whole: (updated, version) => {
    const element = updated.cloneMessage();
    element.setVersion(version);
    return element;
  },
  bare: (version) => {
    const element = new common.ConfigValue();
    element.setVersion(version);
    return element;
  },
};

const POLICIES: Kind<common.ConfigPolicy> = {
  isEqual: (original, updated) => equalBytes(policyBytes(original), policyBytes(updated)),
  whole: (updated, version) => {
    const element = updated.cloneMessage();
    element.setVersion(version);
    return element;
  },
  bare: (version) => {
    const element = new common.ConfigPolicy();
    element.setVersion(version);
    return element;
  },
};

/** What the elements of one kind in one group contribute. */
interface Difference<Element> {
  readonly read: ReadonlyMap<string, Element>;
  readonly write: ReadonlyMap<string, Element>;
  /** Unchanged elements, which are listed only where the members of their group change. */
  readonly same: ReadonlyMap<string, Element>;
  readonly membersChanged: boolean;
}

interface GroupDifference {
  readonly read: common.ConfigGroup;
  readonly write: common.ConfigGroup;
  readonly changed: boolean;
}

/**
 * The smallest update that leads from one configuration of a channel to another, as Fabric's configtxlator computes it:
 * changed elements get the next version, new ones version 0, and a group whose members change lists all of them.
 *
 * @throws FabricModelError CONFIG_INVALID without a channel group, CONFIG_UNCHANGED when nothing differs.
 */
export function computeConfigUpdate(
  channelId: string,
  original: common.Config,
  updated: common.Config,
): common.ConfigUpdate {
  const from = original.getChannelGroup();
  const to = updated.getChannelGroup();
  if (from === undefined || to === undefined) {
    throw new FabricModelError('CONFIG_INVALID', 'The configuration has no channel group.');
  }
  const { read, write, changed } = groupDifference(from, to);
  if (!changed) {
    throw new FabricModelError('CONFIG_UNCHANGED', 'The two configurations do not differ.');
  }
  const update = new common.ConfigUpdate();
  update.setChannelId(channelId);
  update.setReadSet(read);
  update.setWriteSet(write);
  return update;
}

/**
 * Paths of the policies that the signers of an update have to satisfy, sorted, for example
 * `/Channel/Application/Admins`: those that the configuration in force names for each element that the update changes.
 * New elements need none of their own; the group that they enter changes with them.
 */
export function modPoliciesOf(original: common.Config, update: common.ConfigUpdate): string[] {
  const paths = new Set<string>();
  collectModPolicies(original.getChannelGroup(), update.getWriteSet(), '/Channel', paths);
  return [...paths].sort(compareKeys);
}

function collectModPolicies(
  original: common.ConfigGroup | undefined,
  written: common.ConfigGroup | undefined,
  path: string,
  paths: Set<string>,
): void {
  if (original === undefined || written === undefined) {
    return;
  }
  const add = (before: Versioned | undefined, after: Versioned): void => {
    if (before !== undefined && before.getVersion() !== after.getVersion()) {
      const policy = before.getModPolicy();
      paths.add(policy.startsWith('/') ? policy : `${path}/${policy}`);
    }
  };
  add(original, written);
  written.getValuesMap().forEach((value: common.ConfigValue, name: string) => {
    add(original.getValuesMap().get(name), value);
  });
  written.getPoliciesMap().forEach((policy: common.ConfigPolicy, name: string) => {
    add(original.getPoliciesMap().get(name), policy);
  });
  written.getGroupsMap().forEach((group: common.ConfigGroup, name: string) => {
    collectModPolicies(original.getGroupsMap().get(name), group, `${path}/${name}`, paths);
  });
}

function groupDifference(original: common.ConfigGroup, updated: common.ConfigGroup): GroupDifference {
  const policies = difference(POLICIES, original.getPoliciesMap(), updated.getPoliciesMap());
  const values = difference(VALUES, original.getValuesMap(), updated.getValuesMap());
  const groups = subGroupDifference(original, updated);
  const version = original.getVersion();
  const all = [policies, values, groups];
  const itselfChanged = all.some((one) => one.membersChanged) || original.getModPolicy() !== updated.getModPolicy();
  if (!itselfChanged && all.every((one) => one.read.size === 0 && one.write.size === 0)) {
    return { read: bareGroup(version), write: bareGroup(version), changed: false };
  }
  const read = bareGroup(version);
  const write = bareGroup(itselfChanged ? version + 1 : version);
  if (itselfChanged) {
    write.setModPolicy(updated.getModPolicy());
  }
  fill(policies, read.getPoliciesMap(), write.getPoliciesMap(), itselfChanged);
  fill(values, read.getValuesMap(), write.getValuesMap(), itselfChanged);
  fill(groups, read.getGroupsMap(), write.getGroupsMap(), itselfChanged);
  return { read, write, changed: true };
}

function difference<Element extends Versioned>(
  kind: Kind<Element>,
  original: ElementMap<Element>,
  updated: ElementMap<Element>,
): Difference<Element> {
  const write = new Map<string, Element>();
  const same = new Map<string, Element>();
  let membersChanged = false;
  original.forEach((before, name) => {
    const after = updated.get(name);
    if (after === undefined) {
      membersChanged = true;
    } else if (before.getModPolicy() === after.getModPolicy() && kind.isEqual(before, after)) {
      same.set(name, kind.bare(before.getVersion()));
    } else {
      write.set(name, kind.whole(after, before.getVersion() + 1));
    }
  });
  updated.forEach((after, name) => {
    if (original.get(name) === undefined) {
      membersChanged = true;
      write.set(name, kind.whole(after, 0));
    }
  });
  return { read: new Map(), write, same, membersChanged };
}

function subGroupDifference(original: common.ConfigGroup, updated: common.ConfigGroup): Difference<common.ConfigGroup> {
  const read = new Map<string, common.ConfigGroup>();
  const write = new Map<string, common.ConfigGroup>();
  const same = new Map<string, common.ConfigGroup>();
  let membersChanged = false;
  original.getGroupsMap().forEach((before: common.ConfigGroup, name: string) => {
    const after = updated.getGroupsMap().get(name);
    if (after === undefined) {
      membersChanged = true;
      return;
    }
    const inside = groupDifference(before, after);
    if (inside.changed) {
      read.set(name, inside.read);
      write.set(name, inside.write);
    } else {
      same.set(name, inside.read);
    }
  });
  updated.getGroupsMap().forEach((after: common.ConfigGroup, name: string) => {
    if (original.getGroupsMap().get(name) === undefined) {
      membersChanged = true;
      write.set(name, newGroup(after));
    }
  });
  return { read, write, same, membersChanged };
}

/** A group that was not there before: everything in it has version 0. */
function newGroup(updated: common.ConfigGroup): common.ConfigGroup {
  const { write } = groupDifference(new common.ConfigGroup(), updated);
  write.setVersion(0);
  write.setModPolicy(updated.getModPolicy());
  return write;
}

function fill<Element>(
  { read, write, same }: Difference<Element>,
  readSet: ElementMap<Element>,
  writeSet: ElementMap<Element>,
  withSame: boolean,
): void {
  read.forEach((element, name) => readSet.set(name, element));
  write.forEach((element, name) => writeSet.set(name, element));
  if (withSame) {
    same.forEach((element, name) => {
      readSet.set(name, element);
      writeSet.set(name, element);
    });
  }
}

function bareGroup(version: number): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setVersion(version);
  return group;
}

function policyBytes(element: common.ConfigPolicy): Uint8Array {
  return element.getPolicy()?.serializeBinary() ?? new Uint8Array(0);
}
