import { common } from '@hyperledger/fabric-protos';

import { testConfig, testOrganization, type TestOrganization } from '../testing/test-network';
import { computeConfigUpdate, modPoliciesOf } from './config-update';

const organizations = ['A', 'B', 'C'].map(testOrganization);

/** A configuration in which every element may be changed by the Admins of its group, and has version 3. */
function configOf(members: readonly TestOrganization[]): common.Config {
  const config = testConfig(members, 7);
  govern(config.getChannelGroup()!);
  return config;
}

function govern(group: common.ConfigGroup): void {
  group.setVersion(3);
  group.setModPolicy('Admins');
  group.getValuesMap().forEach((value: common.ConfigValue) => {
    value.setVersion(3);
    value.setModPolicy('Admins');
  });
  group.getPoliciesMap().forEach((policy: common.ConfigPolicy) => {
    policy.setVersion(3);
    policy.setModPolicy('Admins');
  });
  group.getGroupsMap().forEach((inner: common.ConfigGroup) => govern(inner));
}

function groupAt(group: common.ConfigGroup | undefined, ...names: string[]): common.ConfigGroup {
  return names.reduce((at, name) => at.getGroupsMap().get(name)!, group!);
}

/** Every element of a set with its version, a line each; `*` marks those with content. */
function listing(group: common.ConfigGroup | undefined, path = 'Channel'): string[] {
  const lines = [`${path} ${group!.getVersion()}`];
  group!.getValuesMap().forEach((value: common.ConfigValue, name: string) => {
    lines.push(`${path}/${name} ${value.getVersion()}${value.getValue_asU8().length > 0 ? '*' : ''}`);
  });
  group!.getPoliciesMap().forEach((policy: common.ConfigPolicy, name: string) => {
    lines.push(`${path}/${name} ${policy.getVersion()}${policy.hasPolicy() ? '*' : ''}`);
  });
  group!.getGroupsMap().forEach((inner: common.ConfigGroup, name: string) => {
    lines.push(...listing(inner, `${path}/${name}`));
  });
  return lines.sort();
}

function withNewValue(config: common.Config, ...path: string[]): common.Config {
  const updated = config.cloneMessage();
  const name = path.pop()!;
  groupAt(updated.getChannelGroup(), ...path)
    .getValuesMap()
    .get(name)!
    .setValue(Buffer.from('other'));
  return updated;
}

describe('an update of a channel configuration', () => {
  const original = configOf(organizations);

  it('lists a changed value with its next version, and of the rest only the way to it', () => {
    const update = computeConfigUpdate('test', original, withNewValue(original, 'Orderer', 'BatchTimeout'));
    expect(update.getChannelId()).toBe('test');
    expect(listing(update.getReadSet())).toEqual(['Channel 3', 'Channel/Orderer 3']);
    expect(listing(update.getWriteSet())).toEqual([
      'Channel 3',
      'Channel/Orderer 3',
      'Channel/Orderer/BatchTimeout 4*',
    ]);
  });

  it('lists all members of a group that gets a new one, and the new one whole with version 0', () => {
    const [first, second, third] = organizations;
    const update = computeConfigUpdate('test', configOf([first!, second!]), configOf([first!, second!, third!]));
    const same = ['A 3', 'Admins 3', 'B 3', 'Endorsement 3', 'LifecycleEndorsement 3', 'Readers 3'];
    const inside = same.map((line) => `Channel/Application/${line}`);
    expect(listing(update.getReadSet())).toEqual(['Channel 3', 'Channel/Application 3', ...inside].sort());
    const added = ['C 0', 'C/Admins 0*', 'C/Endorsement 0*', 'C/MSP 0*', 'C/Readers 0*', 'C/Writers 0*'];
    const written = [...inside, ...added.map((line) => `Channel/Application/${line}`)];
    expect(listing(update.getWriteSet())).toEqual(['Channel 3', 'Channel/Application 4', ...written].sort());
    expect(groupAt(update.getWriteSet(), 'Application', 'C').getModPolicy()).toBe('Admins');
  });

  it('lists the remaining members of a group that loses one', () => {
    const update = computeConfigUpdate('test', original, configOf(organizations.slice(0, 2)));
    expect(listing(update.getWriteSet())).toContain('Channel/Application 4');
    expect(listing(update.getWriteSet()).filter((line) => line.includes('/C'))).toEqual([]);
    expect(listing(update.getReadSet())).toContain('Channel/Application/A 3');
  });

  it('has a changed policy, and a group whose own rule changes', () => {
    const updated = original.cloneMessage();
    const application = groupAt(updated.getChannelGroup(), 'Application');
    application.getPoliciesMap().get('Readers')!.setModPolicy('/Channel/Admins');
    groupAt(application, 'A').setModPolicy('Readers');
    const update = computeConfigUpdate('test', original, updated);
    expect(listing(update.getWriteSet())).toEqual(
      expect.arrayContaining([
        'Channel/Application/Readers 4*',
        'Channel/Application/A 4',
        'Channel/Application/A/MSP 3',
      ]),
    );
  });

  it('is refused when nothing differs, or when there is no configuration', () => {
    expect(() => computeConfigUpdate('test', original, original.cloneMessage())).toThrow('CONFIG_UNCHANGED');
    expect(() => computeConfigUpdate('test', original, new common.Config())).toThrow('CONFIG_INVALID');
  });
});

describe('the policies that rule an update', () => {
  const original = configOf(organizations);
  const policiesFor = (updated: common.Config): string[] =>
    modPoliciesOf(original, computeConfigUpdate('test', original, updated));

  it('are those of the group in which a value changes', () => {
    expect(policiesFor(withNewValue(original, 'Application', 'B', 'MSP'))).toEqual(['/Channel/Application/B/Admins']);
  });

  it('are those of the group that a member enters or leaves, not those of the member', () => {
    expect(policiesFor(configOf(organizations.slice(1)))).toEqual(['/Channel/Application/Admins']);
    expect(policiesFor(configOf([...organizations, testOrganization('D')]))).toEqual(['/Channel/Application/Admins']);
  });

  it('are several when several places change, and absolute where an element says so', () => {
    const absolute = original.cloneMessage();
    groupAt(absolute.getChannelGroup(), 'Orderer').getValuesMap().get('BatchSize')!.setModPolicy('/Channel/Admins');
    const updated = withNewValue(withNewValue(absolute, 'Orderer', 'BatchSize'), 'Application', 'C', 'MSP');
    expect(modPoliciesOf(absolute, computeConfigUpdate('test', absolute, updated))).toEqual([
      '/Channel/Admins',
      '/Channel/Application/C/Admins',
    ]);
  });
});
