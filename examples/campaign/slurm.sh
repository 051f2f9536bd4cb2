#!/bin/bash
# A campaign as an array of Slurm: each job does its part of the plan, without any queue.
#
#   sbatch --array=1-16 slurm.sh plan.yaml
#   npx pareidolia campaign merge "$SCRATCH"/campaign-* --out whole      once all have ended
#
# A job that was ended early is submitted again, and goes on where it was. Nodes should have one kind of processor (--constraint).
#SBATCH --job-name=campaign
#SBATCH --cpus-per-task=4
#SBATCH --time=12:00:00
set -eu

plan=${1:-plan.yaml}
parts=${SLURM_ARRAY_TASK_COUNT:?submit it as an array: sbatch --array=1-16 slurm.sh plan.yaml}
part=$((SLURM_ARRAY_TASK_ID - ${SLURM_ARRAY_TASK_MIN:-1} + 1))
out=${SCRATCH:-.}/campaign-$part

resume=
if [ -e "$out/config.json" ]; then resume=--resume; fi

# Slurm warns before it ends a job, and so what is finished is saved.
exec ${PAREIDOLIA:-npx pareidolia} campaign start "$plan" --shard "$part/$parts" --out "$out" \
  --threads "${SLURM_CPUS_PER_TASK:-1}" $resume
