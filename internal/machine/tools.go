package machine

// Compiler is what Go compiles SQLite with.
func Compiler() Tool {
	return Tool{
		Name: "C compiler", Programs: []string{"gcc", "clang", "cc"},
		Use: "SQLite, which every chapter keeps its data in",
		Install: map[System]string{
			Debian:  "sudo apt install gcc libc6-dev",
			Fedora:  "sudo dnf install gcc",
			Arch:    "sudo pacman -S gcc",
			Alpine:  "sudo apk add gcc musl-dev",
			SUSE:    "sudo zypper install gcc",
			MacOS:   "xcode-select --install",
			Windows: "pacman -S mingw-w64-ucrt-x86_64-gcc, in MSYS2 (https://www.msys2.org)",
		},
	}
}

// Python is what a part of chapters 1 and 2 runs in.
func Python() Tool {
	return Tool{
		Name: "Python", Programs: []string{"python3", "python"},
		Use: "the services of chapters 1 and 2 in Python",
		Install: map[System]string{
			Debian:  "sudo apt install python3 python3-fastapi python3-uvicorn",
			Fedora:  "sudo dnf install python3",
			Arch:    "sudo pacman -S python",
			Alpine:  "sudo apk add python3",
			SUSE:    "sudo zypper install python3",
			MacOS:   "brew install python",
			Windows: "winget install Python.Python.3.13",
		},
	}
}

// PostgreSQL is a database server. Its programs are often not in PATH.
func PostgreSQL() Tool {
	return Tool{
		Name: "PostgreSQL", Programs: []string{"postgres"},
		Use: "chapters 3 and 5 on this server",
		Places: []string{
			"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin",
			"/usr/local/opt/postgresql*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
		},
		Install: map[System]string{
			Debian: "sudo apt install postgresql",
			Fedora: "sudo dnf install postgresql-server",
			Arch:   "sudo pacman -S postgresql",
			Alpine: "sudo apk add postgresql",
			SUSE:   "sudo zypper install postgresql-server",
			MacOS:  "brew install postgresql@17",
		},
	}
}

// MariaDB is a database server.
func MariaDB() Tool {
	return Tool{
		Name: "MariaDB", Programs: []string{"mariadbd"},
		Use: "chapters 3 and 5 on this server",
		Places: []string{
			"/usr/bin", "/usr/sbin", "/usr/libexec", "/usr/local/sbin",
			"/opt/homebrew/opt/mariadb*/bin", "/usr/local/opt/mariadb*/bin",
		},
		Install: map[System]string{
			Debian: "sudo apt install mariadb-server",
			Fedora: "sudo dnf install mariadb-server",
			Arch:   "sudo pacman -S mariadb",
			Alpine: "sudo apk add mariadb",
			SUSE:   "sudo zypper install mariadb",
			MacOS:  "brew install mariadb",
		},
	}
}

// Strace shows a program's system calls, on Linux.
func Strace() Tool {
	return Tool{
		Name: "strace", Programs: []string{"strace"},
		Use: "what reaches the disk, in chapter 3",
		Install: map[System]string{
			Debian: "sudo apt install strace",
			Fedora: "sudo dnf install strace",
			Arch:   "sudo pacman -S strace",
			Alpine: "sudo apk add strace",
			SUSE:   "sudo zypper install strace",
		},
	}
}
