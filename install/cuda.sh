#!/usr/bin/env bash
# CTranslate2 with CUDA for a Jetson: PyPI's aarch64 wheels have none. A wheel of the user's, or built here.
# Not yet run on a Jetson.
# shellcheck disable=SC2154  # appliance.sh sets these

ct2_source=https://github.com/OpenNMT/CTranslate2.git
ct2_tag=v4.8.1
# Built or given wheels, the library that a built one needs, and the choice that was made.
ct2_home=/opt/jetson-voice/ctranslate2

# Sets ct2: wheel (with ct2_sha256), build or none. What was chosen last counts until another is asked for.
choose_ct2() {
    local known=
    [ ! -e "$ct2_home/choice" ] || known=$(cat "$ct2_home/choice")
    if [ -z "$ct2" ]; then
        ct2=${known%% *}
        [ "$ct2" != wheel ] || ct2_sha256=${known#* }
        [ -z "$ct2" ] || say "CTranslate2 as chosen before: $known"
    fi
    [ "$ct2" ] || { [ "$jetpack" ] && ct2=build || ct2=none; }
    case $ct2 in
        wheel) keep_wheel ;;
        build) check_build_tools ;;
        none) [ -z "$jetpack" ] || warned "CUDA is not used: speech to text runs on the processor (--no-cuda)" ;;
    esac
    if [ "$jetpack$known" ] || [ "$ct2" != none ]; then remember_choice "$known"; fi
}

remember_choice() {
    local choice=$ct2
    [ "$ct2" != wheel ] || choice="wheel $ct2_sha256"
    [ "$choice" = "$1" ] || change "remember the choice of CTranslate2: $choice" write_choice "$choice"
}

write_choice() {
    mkdir -p "$ct2_home" && echo "$1" >"$ct2_home/choice"
}

# What the venv's name takes of it.
ct2_identity() {
    case $ct2 in
        wheel) echo "wheel $ct2_sha256" ;;
        build) echo "built $ct2_tag for $(cuda_architecture)" ;;
        none) ;;
    esac
}

keep_wheel() {
    local kept=$ct2_home/$ct2_sha256
    [ ! -d "$kept" ] || return 0
    [ "$ct2_wheel" ] || die "the CTranslate2 wheel that was chosen is gone: give it again with --ct2-wheel and --ct2-sha256"
    change "take $ct2_wheel, if its sha256 is as given" take_wheel "$kept"
}

take_wheel() {
    local part=$ct2_home/part name=${ct2_wheel##*/} found
    name=${name%%[?#]*}
    rm -rf "$part"
    mkdir -p "$part"
    case $ct2_wheel in
        https://*)
            [ -z "$offline" ] || die "offline: give --ct2-wheel as a file"
            "$python" -c 'import shutil, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer, open(sys.argv[2], "wb") as out:
    shutil.copyfileobj(answer, out)' "$ct2_wheel" "$part/$name" || die "cannot fetch $ct2_wheel: fetch it elsewhere, give the file" ;;
        *) cp "$ct2_wheel" "$part/$name" || die "cannot read $ct2_wheel" ;;
    esac
    found=$(sha256sum "$part/$name" | cut -d ' ' -f 1)
    if [ "$found" != "$ct2_sha256" ]; then
        rm -rf "$part"
        die "the sha256 of $ct2_wheel is $found, not $ct2_sha256: it is not installed; ask where it came from"
    fi
    mv -T "$part" "$1"
}

# Known before anything is changed: half an hour is too long to find out that nvcc is missing.
check_build_tools() {
    [ "$offline" ] && [ ! -e "$(built_wheel)" ] && die "offline CTranslate2 cannot be built: give --ct2-wheel FILE, or --no-cuda"
    [ "$chip" != thor ] || die "for this chip the build is not known: give --ct2-wheel, or --no-cuda"
    [ -x /usr/local/cuda/bin/nvcc ] ||
        die "no /usr/local/cuda/bin/nvcc to build CTranslate2 with: apt-get install cuda-toolkit (or nvidia-jetpack), or --ct2-wheel, or --no-cuda"
}

cuda_architecture() {
    echo 8.7 # every Orin
}

built_wheel() {
    local wheels=("$ct2_home/$ct2_tag/wheels"/ctranslate2-*.whl)
    echo "${wheels[0]}"
}

# add_ct2 VENV: puts it in the place of the one from the lock.
add_ct2() {
    local wheel
    case $ct2 in
        none) return 0 ;;
        wheel) wheel=$(ls "$ct2_home/$ct2_sha256"/*.whl) ;;
        build)
            [ -e "$(built_wheel)" ] || build_ct2 "$1" || return
            wheel=$(built_wheel)
            ;;
    esac
    logged "$log" "$1/bin/python" -m pip install --no-index --no-deps --force-reinstall "$wheel"
}

# build_ct2 VENV: two compilers at a time, since each takes up to 2 GB. Without MKL and Intel's OpenMP, which are not for
# ARM, and without cuDNN, which it needs no more; OpenBLAS and ruy are for the processor, where CUDA fails.
build_ct2() {
    local home=$ct2_home/$ct2_tag source=$ct2_home/source
    say "building CTranslate2 $ct2_tag with CUDA: half an hour and more; all of its output is in $log"
    install_packages git ca-certificates cmake g++ libopenblas-dev
    rm -rf "$source" "$home"
    logged "$log" git clone --recursive --depth 1 --shallow-submodules --branch "$ct2_tag" "$ct2_source" "$source" &&
        logged "$log" git -C "$source" log -1 --format='CTranslate2 commit %H' &&
        logged "$log" env "PATH=/usr/local/cuda/bin:$PATH" cmake -S "$source" -B "$source/build" \
            -DCMAKE_BUILD_TYPE=Release -DWITH_CUDA=ON -DWITH_CUDNN=OFF "-DCUDA_ARCH_LIST=$(cuda_architecture)" \
            -DWITH_MKL=OFF -DWITH_OPENBLAS=ON -DWITH_RUY=ON -DOPENMP_RUNTIME=COMP -DBUILD_CLI=OFF \
            "-DCMAKE_INSTALL_PREFIX=$home" -DCMAKE_INSTALL_LIBDIR=lib &&
        logged "$log" cmake --build "$source/build" --parallel 2 --target install &&
        logged "$log" env "CTRANSLATE2_ROOT=$home" "LDFLAGS=-Wl,-rpath,$home/lib" "CMAKE_BUILD_PARALLEL_LEVEL=2" \
            "$1/bin/python" -m pip wheel --no-deps --wheel-dir "$home/wheels" "$source/python" &&
        rm -rf "$source"
}

# As the service's user: root sees the GPU where the service does not.
prove_cuda() {
    local seen
    [ "$ct2" != none ] || return 0
    [ -z "$dry_run" ] || { say "would check that CTranslate2 uses CUDA"; return 0; }
    seen=$(setpriv --reuid jetson-voice --regid jetson-voice --init-groups "$new_venv/bin/python" -I -c '
import ctranslate2
devices = ctranslate2.get_cuda_device_count()
types = sorted(ctranslate2.get_supported_compute_types("cuda")) if devices else []
print(f"{devices} CUDA devices, compute types: {chr(44).join(types) or chr(45)}")
raise SystemExit(not {"int8_float16", "float16"} & set(types))' 2>&1) &&
        say "CTranslate2 uses CUDA: $seen" && return
    warned "CUDA is NOT used: speech to text runs on the processor, many times slower. CTranslate2 says, as the service's user: ${seen##*$'\n'}"
    warned "what to do: look at ls -l /dev/nvmap /dev/dri (groups video, render); run jetson-voice doctor; or --ct2-wheel, --ct2-build"
}

