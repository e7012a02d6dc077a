{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.IOUtils;

{$mode delphi}{$H+}

interface

uses
  System.SysUtils;

type
  TFile = class
    class function ReadAllBytes(const Path: string): TBytes; static;
  end;

implementation

class function TFile.ReadAllBytes(const Path: string): TBytes; begin Result := nil; end;

end.
