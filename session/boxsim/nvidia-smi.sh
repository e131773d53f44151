#!/bin/sh
# A stand-in for NVIDIA's tool: the GPUs are simulated.
gpus=@GPUS@
query=
format=
loop=
list=
while [ $# -gt 0 ]; do
  case $1 in
    -L|--list-gpus) list=1 ;;
    -l|--loop) loop=${2:-5}; [ $# -gt 1 ] && shift ;;
    --loop=*) loop=${1#*=} ;;
    --query-gpu=*) query=${1#*=} ;;
    --format=*) format=${1#*=} ;;
    -h|--help) echo "nvidia-smi (simulated): -L, -l SECONDS, --query-gpu=FIELDS --format=csv[,noheader][,nounits]"; exit 0 ;;
    *) echo "Invalid combination of input arguments. Please run 'nvidia-smi -h' for help." >&2; exit 6 ;;
  esac
  shift
done

# load I: a load that moves with the clock, a little different for each GPU.
load() { echo $(( ( $(date +%s) * 7 + $1 * 13 ) % 23 )); }

table() {
  date '+%a %b %e %H:%M:%S %Y'
  echo '+-----------------------------------------------------------------------------------------+'
  echo '| NVIDIA-SMI 570.86.15              Driver Version: 570.86.15      CUDA Version: 12.8     |'
  echo '|-----------------------------------------+------------------------+----------------------+'
  echo '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |'
  echo '| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |'
  echo '|=========================================+========================+======================|'
  i=0
  while [ $i -lt $gpus ]; do
    u=$(load $i)
    printf '|   %d  NVIDIA H100 80GB HBM3          On  |   00000000:%02X:00.0 Off |                    0 |\n' $i $((25 + i * 16))
    printf '| N/A   %2dC    P0           %4dW /  700W |   %5dMiB /  81559MiB |    %3d%%      Default |\n' $((31 + u / 4)) $((71 + u * 5)) $((4 + u * 640)) $u
    echo '+-----------------------------------------+------------------------+----------------------+'
    i=$((i + 1))
  done
  echo
  echo '+-----------------------------------------------------------------------------------------+'
  echo '| Processes:                                                                              |'
  echo '|  No running processes found                                                             |'
  echo '+-----------------------------------------------------------------------------------------+'
}

field() { # NAME GPU UNITS
  u=$(load "$2")
  case $1 in
    index) echo "$2" ;;
    name|gpu_name) echo 'NVIDIA H100 80GB HBM3' ;;
    uuid|gpu_uuid) printf 'GPU-51e1d0c5-0000-4000-8000-%012d\n' "$2" ;;
    driver_version) echo 570.86.15 ;;
    utilization.gpu) echo "$u${3:+ %}" ;;
    utilization.memory) echo "$((u / 2))${3:+ %}" ;;
    memory.used) echo "$((4 + u * 640))${3:+ MiB}" ;;
    memory.total) echo "81559${3:+ MiB}" ;;
    memory.free) echo "$((81555 - u * 640))${3:+ MiB}" ;;
    temperature.gpu) echo $((31 + u / 4)) ;;
    power.draw) echo "$((71 + u * 5)).00${3:+ W}" ;;
    power.limit) echo "700.00${3:+ W}" ;;
    *) echo "Field \"$1\" is not a valid field to query." >&2; return 2 ;;
  esac
}

csv() {
  fields=$(echo "$query" | tr ',' ' ')
  case ",$format," in *,nounits,*) units= ;; *) units=1 ;; esac
  case ",$format," in *,noheader,*) ;; *) echo "$query" | sed 's/,/, /g' ;; esac
  i=0
  while [ $i -lt $gpus ]; do
    line=
    for f in $fields; do
      v=$(field "$f" $i $units) || exit 2
      line="$line${line:+, }$v"
    done
    echo "$line"
    i=$((i + 1))
  done
}

show() {
  if [ -n "$list" ]; then
    i=0
    while [ $i -lt $gpus ]; do
      echo "GPU $i: NVIDIA H100 80GB HBM3 (UUID: $(field uuid $i))"
      i=$((i + 1))
    done
  elif [ -n "$query" ]; then csv
  else table
  fi
}

show
while [ -n "$loop" ]; do sleep "$loop"; show; done
