"""Lays out what a pod mounts as the kubelet does, so that the real program can be run as its container."""

from kube import one

MOUNTS = {"/etc/headroom": "config", "/run/secrets/headroom": "secrets"}


def write_volume(folder, files):
    """Files behind two symbolic links, as in a ConfigMap's or Secret's volume; a second call swaps them at once."""
    folder.mkdir(exist_ok=True)
    version = folder / f"..{len(list(folder.iterdir()))}"
    for name, text in files.items():
        path = version / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        link = folder / name.partition("/")[0]
        if not link.is_symlink():
            link.symlink_to(f"..data/{link.name}")
    swap = folder / "..data_tmp"
    swap.symlink_to(version.name)
    swap.rename(folder / "..data")


def placed(text, folder):
    """The text with the mounts' paths below the folder."""
    for path, name in MOUNTS.items():
        text = text.replace(path, str(folder / name))
    return text


def container(manifests, kind, name="headroom"):
    spec = one(manifests, kind)["spec"]
    (found,) = [c for c in spec.get("template", {}).get("spec", spec)["containers"] if c["name"] == name]
    return found


def arguments(manifests, kind, folder):
    """The container's arguments, for these mounts and a port that the system chooses."""
    args = [placed(a, folder) for a in container(manifests, kind)["args"]]
    return [a for a in args if not a.startswith("--web.listen-address")]


def write_config(manifests, folder, change=str):
    """The one headroom.toml among the ConfigMaps, where the container looks for it."""
    (text,) = [m["data"]["headroom.toml"] for m in manifests if "headroom.toml" in m.get("data", {})]
    write_volume(folder / "config", {"headroom.toml": change(placed(text, folder))})
