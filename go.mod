module github.com/ownercheck/ownercheck

go 1.26
