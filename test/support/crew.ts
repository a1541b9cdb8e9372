import { eventually } from "./eventually.ts";
import type { ScorerProcess } from "./scorer-process.ts";
import type { Random } from "./seed.ts";
import type { TestBed } from "./test-bed.ts";

/** Scorers, or processes of another role, of which some are killed and replaced. */
export type Crew = {
  /** kill -9 of one that works, chosen at random; a new one takes its place at once. */
  killOne(random: Random): Promise<void>;
  kills(): number;
  members(): readonly ScorerProcess[];
};

export async function startCrew(
  bed: TestBed,
  size: number,
  startOne: () => ScorerProcess = () => bed.startScorer(),
): Promise<Crew> {
  const members = Array.from({ length: size }, () => start(startOne));
  await Promise.all(members.map((member) => member.ready()));
  let kills = 0;
  return {
    async killOne(random) {
      const victim = await eventually(
        "a scorer is ready to be killed",
        () => {
          const fault = bed.fault();
          if (fault !== undefined) throw new Error(`a scorer ended by itself, ${fault}`);
          const working = members.filter((member) => member.isReady());
          return working.length > 0 && random.pick(working);
        },
        { withinMs: 60_000 },
      );
      victim.signal("SIGKILL");
      if ((await victim.ended) !== "SIGKILL") throw new Error(`a scorer ended before it was killed: ${victim.log()}`);
      kills++;
      members[members.indexOf(victim)] = start(startOne);
    },
    kills: () => kills,
    members: () => members,
  };
}

function start(startOne: () => ScorerProcess): ScorerProcess {
  const member = startOne();
  // Its readiness is asked for here; whoever needs it looks at isReady(). One that can't start fails when stopped.
  member.ready().catch(() => {});
  return member;
}
